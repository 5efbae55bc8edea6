package v1alpha1

// Targets are all pods that served an arm's requests; none where none is known.
func (a Arm) Targets() []Pod {
	switch {
	case len(a.AllTargets) > 0:
		return a.AllTargets
	case a.Target != nil:
		return []Pod{*a.Target}
	default:
		return nil
	}
}

// TargetAt is the target of that ordinal; nil where none is known.
func (a Arm) TargetAt(ordinal int) *Pod {
	if all := a.Targets(); ordinal < len(all) && all[ordinal].Name != "" {
		return &all[ordinal]
	}
	return nil
}

// SetTarget records the target of an ordinal out of so many.
func (a *Arm) SetTarget(ordinal, of int, pod *Pod) {
	if ordinal == 0 {
		a.Target = pod
	}
	if of < 2 {
		return
	}
	all := make([]Pod, of) // what was handed out of the arm before stays as it was
	copy(all, a.AllTargets)
	all[ordinal] = *pod
	a.AllTargets = all
}
