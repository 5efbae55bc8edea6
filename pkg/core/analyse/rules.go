package analyse

import (
	"cmp"
	"slices"

	"github.com/meshbench/kubectl-meshbench/pkg/api/v1alpha1"
)

// rule finds one kind of trouble in the data. All findings of a rule carry its
// code.
type rule struct {
	code string
	find func(d *data) []v1alpha1.Finding
}

// rules in the order in which findings of equal severity and scope are shown.
func rules() []rule {
	return []rule{
		{codeBaselineMeshed, baselineMeshed},
		{codeBaselineUnknown, baselineUnknown},
		{codeNotInPath, notInPath},
		{codeOneSided, oneSided},
		{codePathUnknown, pathUnknown},
		{codeOffPath, offPath},
		{codeMeshAmbiguous, meshAmbiguous},
		{codeWaypoint, waypointNotMet},
		{codeImpostor, impostors},
		{codeStrangers, strangers},
		{codeUneven, uneven},
		{codeChain, brokenChains},
		{codeFaultShare, faultShare},
		{codeRetries, meshRetries},
		{codeNoBudget, retriesWithoutBudget},
		{codeDisturbed, disturbed},
		{codeOneEvent, fewEvents},
		{codeFragile, fragileBaseline},
		{codeNearCapacity, nearCapacity},
		{codeInjected, injected},
		{codeMTLSDiffers, mtlsDiffers},
		{codeNoMTLS, withoutMTLS},
		{codeUnknownMTLS, unknownMTLS},
		{codeProxyDiffers, proxyDiffers},
		{codeSafetyStop, safetyStops},
		{codeNoData, noData},
		{codeImpossible, impossibleFigures},
		{codeUnreadable, unreadableHistogram},
		{codeIdentical, identicalHistograms},
		{codeErrors, failedRequests},
		{codeBodySize, bodySize},
		{codeOverloaded, overloaded},
		{codeClamped, clamped},
		{codeClientCPU, clientCPU},
		{codeClientUnknown, clientUnknown},
		{codeSendLag, sendLag},
		{codeThrottled, throttled},
		{codeThrottleUnknown, throttlingUnknown},
		{codeCPULimit, cpuLimit},
		{codeNode, nodeBusy},
		{codePressure, pressure},
		{codeSteal, steal},
		{codeOtherTenants, otherTenants},
		{codeHidden, hidden},
		{codeSource, sourceNotRead},
		{codeUnattributed, belowZeroUnattributed},
		{codeIdleUnknown, idleUnknown},
		{codeIdleBusy, idleBusy},
		{codeClock, clockOffset},
		{codeFaster, fasterThanBaseline},
		{codeClusters, clustersDiffer},
		{codePlacement, placementDiffers},
		{codeQOS, qosDiffers},
		{codeImage, imageChanged},
		{codeRestarts, restarts},
		{codeTargetReplaced, targetReplaced},
		{codeServiceChanged, serviceChanged},
		{codeOwnChanged, ownChanged},
		{codeReconnects, reconnects},
		{codeWindowSockets, windowSockets},
		{codeFamilies, familiesDiffer},
		{codeDelayedACK, delayedACK},
		{codeAboveCeiling, aboveCeiling},
		{codeSearchOpen, searchInconclusive},
		{codeNotMonotone, searchNotMonotone},
		{codeSplitVotes, searchSplitVotes},
		{codeSearchSamples, searchFewSamples},
		{codeSearchAtClient, searchClientCPU},
		{codeColdStart, coldStart},
		{codeDrift, drift},
		{codeOutlier, outlier},
		{codeRepeated, trialRepeated},
		{codeNoiseFloor, noiseFloor},
		{codeNoise, baselineDiffers},
		{codeFewRounds, fewRounds},
		{codePairApart, pairApart},
		{codeOneSession, oneSession},
		{codeSeveralSessions, severalSessions},
	}
}

// judge applies all rules. The order is stable: what voids comes first, then
// the order of rules, then the order of cells.
func judge(d *data) []v1alpha1.Finding {
	var out []v1alpha1.Finding
	for _, r := range rules() {
		for _, f := range r.find(d) {
			f.Code = r.code
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b v1alpha1.Finding) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	return out
}

func rank(s v1alpha1.Severity) int {
	switch s {
	case v1alpha1.SeverityVoid:
		return 0
	case v1alpha1.SeverityWarn:
		return 1
	default:
		return 2
	}
}

// Codes lists the codes of all findings.
func Codes() []string {
	var all []string
	for _, r := range rules() {
		all = append(all, r.code)
	}
	return all
}
