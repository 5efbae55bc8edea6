# make demo    sets up a throwaway cluster and runs the plugin on it; MESH=istio
#              compares with a real Istio
# make test    everything that CI runs
# make unit    the fast loop
GO ?= go
export GO
export CGO_ENABLED ?= 0
VERSION ?= dev
CLUSTER = $(GO) -C test/cluster run .
IMAGES = $(CURDIR)/build/images
LDFLAGS = -s -w -X main.version=$(VERSION)

.PHONY: test unit vet lint vuln tools release-check build images istio e2e cluster-test browser-test demo bench bench-load bench-sources bench-cluster clean
test: vet lint vuln release-check unit browser-test cluster-test e2e

vet:
	$(GO) vet ./...
	$(GO) vet -tags e2e ./test/e2e
	$(GO) vet -tags browser ./test/browser
	$(GO) -C test/cluster vet -tags cluster ./...
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi

# The linters are built from their modules, once; the tools of a release too.
TOOLS = $(CURDIR)/build/tools
tools:
	$(GO) -C test/tools build -o $(TOOLS)/ tool

lint: tools
	$(TOOLS)/golangci-lint run ./...

vuln: tools
	test/vulnerabilities $(TOOLS)/govulncheck

release-check: tools
	$(TOOLS)/goreleaser check

unit:
	$(GO) test -timeout 5m ./...
	$(GO) -C test/cluster test -timeout 5m ./...

build:
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/...

# The image that tests run is the image that is released: one layer, no engine.
images: build
	mkdir -p $(IMAGES)
	$(GO) build -trimpath -o build/ ./test/injector ./test/burn
	test/install haproxy prometheus
	$(CLUSTER) build-image --out $(IMAGES)/worker.tar --name meshbench.test/worker:dev --binary $(CURDIR)/bin/meshbench-worker:/meshbench-worker --entrypoint /meshbench-worker --user 65532
	$(CLUSTER) build-image --out $(IMAGES)/injector.tar --name meshbench.test/injector:dev --binary $(CURDIR)/build/injector:/injector --entrypoint /injector --user 65532
	$(CLUSTER) build-image --out $(IMAGES)/burn.tar --name meshbench.test/burn:dev --binary $(CURDIR)/build/burn:/burn --entrypoint /burn --user 65532
	$(CLUSTER) build-image --out $(IMAGES)/prometheus.tar --name meshbench.test/prometheus:dev --binary /usr/bin/prometheus:/prometheus --with-libs --entrypoint /prometheus --user 65532
	$(CLUSTER) build-image --out $(IMAGES)/haproxy.tar --name meshbench.test/haproxy:dev --binary /usr/sbin/haproxy:/haproxy --with-libs --file $(CURDIR)/test/demo/haproxy.cfg:/haproxy.cfg --entrypoint /haproxy --cmd=-f,/haproxy.cfg,-db --user 65532

# Istio's programs, Envoy and their images; the first time takes minutes.
istio:
	test/istio/images $(CURDIR)/build/istio

e2e: images istio
	test/with-cluster meshbench-e2e $(GO) test -tags e2e -count 1 -timeout 45m $(E2EFLAGS) ./test/e2e

MESH ?= haproxy
demo: images $(filter istio,$(MESH))
	$(GO) build -o build/demo ./test/demo
	test/with-cluster meshbench-demo build/demo $(MESH) $(DEMOFLAGS)

cluster-test:
	$(GO) -C test/cluster test -tags cluster -count 1 -timeout 15m ./...

# The report's page in a real Chromium: BROWSERFLAGS='-screenshots DIR' leaves pictures.
browser-test:
	test/install chromium
	$(GO) test -tags browser -count 1 -timeout 10m ./test/browser $(BROWSERFLAGS)

bench: bench-load bench-sources

# Load generator and target beside fortio and wrk.
bench-load: build
	test/install wrk util-linux
	$(GO) build -o build/bench ./test/bench
	build/bench $(BENCHFLAGS)

# What every source of CPU and memory says of one run, side by side.
bench-sources: images
	$(GO) build -o build/sources ./test/sources
	test/with-cluster meshbench-sources build/sources $(SOURCESFLAGS)

bench-cluster:
	$(CLUSTER) bench

clean:
	$(CLUSTER) down --all
	rm -rf bin build dist
