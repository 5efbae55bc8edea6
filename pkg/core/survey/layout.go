package survey

// column is one property, as the thesis heads it and as it is headed today.
type column struct {
	id, heading, today string
	kind               columnKind
	// added columns are not in the thesis.
	added bool
	// derived columns are computed from other tables.
	derived bool
}

type layout struct {
	id, number, title string
	// caption is the thesis' title of the table.
	caption string
	// first are the headings of the columns that name a system.
	first   []string
	note    string
	columns []column
}

// layouts are all tables that compare systems, in the thesis' order.
func layouts() []layout {
	return []layout{
		{id: "systems", number: "3.3", title: "Systems", caption: "Identified service mesh systems",
			first: []string{"ID", "Service Mesh"},
			columns: []column{{id: "vendor", heading: "Vendor Page", today: "PAGE"},
				{id: "state", today: "STATE", added: true}}},
		{id: "proxy", number: "3.4", title: "Proxies", caption: "Comparing the proxy capabilities",
			first: []string{"ID", "Name"},
			note:  "What the thesis calls per service is a proxy per pod.",
			columns: []column{{id: "proxy", heading: "Service Proxy", today: "PROXY"},
				{id: "architecture", heading: "Proxy Arch.", today: "WHERE IT RUNS", kind: kindPlaces},
				mark("tcp", "Proxy TCP", "TCP"), mark("udp", "Proxy UDP", "UDP")}},
		{id: "observability", number: "3.5", title: "Observability", caption: "Comparing the observability capabilities",
			first: []string{"ID", "Name"},
			columns: []column{{id: "metrics", heading: "Metrics", today: "METRICS"},
				{id: "monitoring", heading: "Monitoring", today: "MONITORING"},
				{id: "tracing", heading: "Tracing", today: "TRACING"}, mark("dashboard", "Dashboard", "DASHBOARD")}},
		{id: "security", number: "3.6", title: "Security", caption: "Comparing the security capabilities",
			first: []string{"ID", "Name"},
			columns: []column{mark("mtls", "Mutual TLS", "MTLS"),
				{id: "default", today: "ON BY DEFAULT", kind: kindMark, added: true},
				mark("authorization", "Auth. Policies", "AUTHORIZATION"), mark("ca", "External CA", "EXTERNAL CA")}},
		{id: "resilience", number: "3.7", title: "Resilience", caption: "Comparing the resiliency capabilities",
			first: []string{"ID", "Name"},
			columns: []column{mark("retry", "Retry Functionality", "RETRY"), mark("timeout", "Timeout Settings", "TIMEOUT"),
				mark("ratelimit", "Rate Limiting", "RATE LIMIT"), mark("breaker", "Circuit Breaking", "BREAKER"),
				mark("fault", "Fault Injection", "FAULT"), mark("delay", "Delay Injection", "DELAY")}},
		{id: "protocols", number: "3.8", title: "Protocols",
			caption: "Comparing the application level protocol support", first: []string{"ID", "Name"},
			columns: []column{mark("http1", "HTTP1.1", "HTTP/1.1"), mark("http2", "HTTP2", "HTTP/2"),
				mark("http3", "HTTP3", "HTTP/3"), mark("websocket", "Websockets", "WEBSOCKET"), mark("grpc", "gRPC", "GRPC"),
				mark("tls", "TLS", "TLS"), {id: "additional", heading: "Additional Protocols", today: "ADDITIONAL"}}},
		{id: "nonfunctional", number: "3.9", title: "Projects", caption: "Comparing the non-functional attributes",
			first: []string{"ID", "Name"},
			columns: []column{{id: "launched", heading: "Launched", today: "LAUNCHED", kind: kindDate},
				{id: "initiator", heading: "Initiator", today: "INITIATOR"},
				{id: "cncf", heading: "CNCF Project", today: "CNCF", kind: kindStage}, mark("oss", "OSS", "OSS"),
				{id: "stars", heading: "GitHub Stars", today: "STARS", kind: kindNumber},
				{id: "version", heading: "Version", today: "VERSION"}, {id: "licence", heading: "Licence", today: "LICENCE"},
				{id: "language", heading: "Lang.", today: "LANG"}}},
		{id: "requirements", number: "3.10", title: "Requirements", caption: "Qualitative comparison",
			first: []string{"Service Mesh"},
			note: "Computed from the tables above by the thesis' own rules; FR4 (deployment models) and NFR3 (documentation) " +
				"stand in no table and are judged by reading.",
			columns: append([]column{
				{id: "proxy", heading: "Service Proxy", today: "PROXY", derived: true},
				{id: "architecture", heading: "Proxy Arch.", today: "WHERE", kind: kindPlaces, derived: true}},
				requirementColumns()...)},
	}
}

func mark(id, heading, today string) column {
	return column{id: id, heading: heading, today: today, kind: kindMark}
}

func requirementColumns() []column {
	var all []column
	for _, r := range Requirements() {
		all = append(all, column{id: r.ID, heading: r.ID, today: r.ID, kind: kindGrade, derived: r.judge != nil})
	}
	return all
}
