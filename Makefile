# 'make' alone says what there is. Tools come from Go modules of their own under
# test/tools, and are built when a target first needs them.
GO ?= go
export GO
export CGO_ENABLED ?= 0
VERSION ?= dev
CLUSTER = $(GO) -C test/cluster run .
IMAGES = $(CURDIR)/build/images
LDFLAGS = -s -w -X main.version=$(VERSION)
TOOLS = $(CURDIR)/build/tools

.DEFAULT_GOAL = help
.PHONY: help test vet rounding lint dead vuln workflows release-check release-snapshot \
	release kind-istio release-test release-push unit race mutation chart-test build images istio traefik envoy e2e e2e-families cilium demo demo-says demo-loopback cluster-test \
	chaos fuzz browser-test bench bench-load bench-peers bench-sources bench-cluster clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{printf "make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

test: vet lint dead vuln workflows release-check unit rounding browser-test cluster-test e2e ## what CI runs, but for race and releases

vet: ## go vet over all modules and build tags, gofmt
	$(GO) vet ./...
	$(GO) vet -tags e2e ./test/e2e
	$(GO) vet -tags browser ./test/browser
	$(GO) -C test/cluster vet -tags cluster ./...
	$(GO) -C test/envoy/controlplane vet ./...
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi

FUZZTIME ?= 60s
fuzz: ## every fuzz target for FUZZTIME each, with its executions
	test/fuzz $(FUZZTIME)

# The first build of golangci-lint and goreleaser takes minutes; later ones nothing.
$(TOOLS)/golangci-lint: test/tools/go.sum
	$(GO) -C test/tools build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
$(TOOLS)/govulncheck: test/tools/go.sum
	$(GO) -C test/tools build -o $@ golang.org/x/vuln/cmd/govulncheck
$(TOOLS)/goreleaser: test/tools/go.sum
	$(GO) -C test/tools build -o $@ github.com/goreleaser/goreleaser/v2
$(TOOLS)/actionlint: test/tools/check/go.sum
	$(GO) -C test/tools/check build -o $@ github.com/rhysd/actionlint/cmd/actionlint
$(TOOLS)/deadcode: test/tools/check/go.sum
	$(GO) -C test/tools/check build -o $@ golang.org/x/tools/cmd/deadcode
$(TOOLS)/crane: test/tools/registry/go.sum
	$(GO) -C test/tools/registry build -o $@ github.com/google/go-containerregistry/cmd/crane
$(TOOLS)/krew: test/tools/krew/go.sum
	$(GO) -C test/tools/krew build -o $@ sigs.k8s.io/krew/cmd/krew
$(TOOLS)/validate-krew-manifest: test/tools/krew/go.sum
	$(GO) -C test/tools/krew build -o $@ sigs.k8s.io/krew/cmd/validate-krew-manifest
$(TOOLS)/gremlins: test/tools/mutation/go.sum
	$(GO) -C test/tools/mutation build -o $@ github.com/go-gremlins/gremlins/cmd/gremlins

lint: $(TOOLS)/golangci-lint ## golangci-lint
	$(TOOLS)/golangci-lint run ./...

dead: $(TOOLS)/deadcode ## functions that neither program reaches
	test/unreachable $(TOOLS)/deadcode

vuln: $(TOOLS)/govulncheck ## known vulnerabilities in what is shipped
	test/vulnerabilities $(TOOLS)/govulncheck

workflows: $(TOOLS)/actionlint ## the workflows of .github
	$(TOOLS)/actionlint

release-check: $(TOOLS)/goreleaser ## the release's configuration
	WORKER_DIGEST=none $(TOOLS)/goreleaser check

# All that a release publishes, but signatures and lists of parts (their programs
# come with the release's workflow). It takes ten minutes of two cores and more.
IMAGE ?= ghcr.io/meshbench/meshbench-worker:snapshot
SNAPSHOT_VERSION ?= 0.0.1-SNAPSHOT-$(shell git rev-parse --short HEAD 2>/dev/null || echo none)
export SNAPSHOT_VERSION
release-snapshot: $(TOOLS)/goreleaser $(TOOLS)/crane build ## all platforms and images of a release, into dist
	.ci/worker-digest $(TOOLS)/crane $(SNAPSHOT_VERSION) build/worker-digest
	WORKER_DIGEST=$$(cat build/worker-digest) $(TOOLS)/goreleaser release --snapshot --clean --skip sign,sbom,publish --timeout 3h
	.ci/release-images $(IMAGE)

# Needs cosign and syft, a tag and the rights of the release's workflow.
release: $(TOOLS)/goreleaser $(TOOLS)/crane build
	.ci/worker-digest $(TOOLS)/crane $$(git describe --exact-match --match 'v*' | sed s/^v//) build/worker-digest
	WORKER_DIGEST=$$(cat build/worker-digest) $(TOOLS)/goreleaser release --clean --timeout 3h
	.ci/release-images ghcr.io/meshbench/meshbench-worker:v$$(jq -r .version dist/metadata.json)

release-test: $(TOOLS)/crane $(TOOLS)/krew $(TOOLS)/validate-krew-manifest ## tries what release-snapshot built: sizes, licences, krew, a registry
	.ci/check-dist
	.ci/try-images $(TOOLS)/crane
	.ci/try-krew $(TOOLS)/krew $(TOOLS)/validate-krew-manifest

release-push: $(TOOLS)/crane ## pushes dist/images: IMAGE=NAME:TAG
	@.ci/push-images $(TOOLS)/crane $(IMAGE)

chart-test: ## the chart of manifests/rbac, by Helm's own engine
	$(GO) -C test/istio test ./chart

unit: ## unit tests: the fast loop
	$(GO) test -timeout 15m ./...
	$(GO) -C test/cluster test -timeout 15m ./...

# Goldens hold on every processor: this one is told that it fuses nothing.
rounding: ## texts under the arithmetic of processors that do not fuse
	GODEBUG=cpu.fma=off $(GO) test -timeout 5m ./pkg/render/...

# The race detector needs a C compiler, and compiles everything once more: CI runs
# it beside the rest, and here it is for what is concurrent.
RACE ?= ./...
race: ## unit tests under the race detector: RACE=./pkg/worker/...
	CGO_ENABLED=1 $(GO) test -race -timeout 15m $(RACE)
	$(GO) -C test/cluster test -timeout 15m ./...

MUTATED ?= pkg/stats pkg/core/gate pkg/core/search pkg/core/analyse
CHAOS ?= 300
chaos: ## disturb so many runs (CHAOS=300) of the laboratory on loopback
	$(GO) test -count 1 -timeout 3h -parallel 4 ./test/loopback -run Chaos -chaos.runs $(CHAOS)

mutation: $(TOOLS)/gremlins ## which changes of the arithmetic no test notices: MUTATED='pkg/stats ...'
	test/mutation $(TOOLS)/gremlins $(MUTATED)

build: ## both programs, into bin
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/...

# The worker's image is made as users make it: one layer, no engine.
images: build ## the images that tests run
	mkdir -p $(IMAGES)
	$(GO) build -trimpath -o build/ ./test/injector ./test/burn
	test/install haproxy nginx prometheus
	bin/kubectl-meshbench images --archive $(IMAGES)/worker.tar --name meshbench.test/worker:dev --binary bin/meshbench-worker
	$(CLUSTER) build-image --out $(IMAGES)/injector.tar --name meshbench.test/injector:dev --binary $(CURDIR)/build/injector:/injector --entrypoint /injector --user 65532
	$(CLUSTER) build-image --out $(IMAGES)/burn.tar --name meshbench.test/burn:dev --binary $(CURDIR)/build/burn:/burn --entrypoint /burn --user 65532
	$(CLUSTER) build-image --out $(IMAGES)/prometheus.tar --name meshbench.test/prometheus:dev --binary /usr/bin/prometheus:/prometheus --with-libs --entrypoint /prometheus --user 65532
	$(CLUSTER) build-image --out $(IMAGES)/nginx.tar --name meshbench.test/nginx:dev --binary /usr/sbin/nginx:/nginx --with-libs --file $(CURDIR)/test/demo/nginx.conf:/nginx.conf --file $(CURDIR)/test/demo/nginx-off.conf:/nginx-off.conf --entrypoint /nginx --user 65532
	$(CLUSTER) build-image --out $(IMAGES)/haproxy.tar --name meshbench.test/haproxy:dev --binary /usr/sbin/haproxy:/haproxy --with-libs --file $(CURDIR)/test/demo/haproxy.cfg:/haproxy.cfg --entrypoint /haproxy --cmd=-f,/haproxy.cfg,-db --user 65532

istio: ## Istio's programs, Envoy and their images; the first time takes minutes
	test/istio/images $(CURDIR)/build/istio

traefik: ## Traefik and its controller as images; the first time takes minutes
	test/traefik/images $(CURDIR)/build/traefik

envoy: ## Envoy as the sidecar of other meshes, and its control plane, as images
	test/envoy/images $(CURDIR)/build/envoy
	$(GO) -C test/envoy/controlplane test ./...

e2e: images istio traefik envoy
	test/with-cluster meshbench-e2e $(GO) test -tags e2e -count 1 -timeout 70m $(E2EFLAGS) ./test/e2e

# The other kinds of clusters: nodes, pods and Services with IPv6 alone, or with both.
e2e-families: images ## a run and its checks on a cluster of IPv6 alone, and on one of both families
	for family in ipv6 dual; do \
	  IP_FAMILY=$$family test/with-cluster meshbench-$$family $(GO) test -tags e2e -count 1 -timeout 20m \
	    -run 'TestARunUsesTheClustersAddresses|TestEveryNodeRunsTheWorker' $(E2EFLAGS) ./test/e2e || exit 1; \
	done

# Two clusters on this machine: pods joined by routes in one, by Cilium in the other.
cilium: images ## exp1 and exp4 with and without the real Cilium agent: programs in the kernel, no proxy
	SECOND_CNI=cilium test/with-cluster meshbench-cil $(GO) test -tags e2e -count 1 -timeout 20m -v \
	  -run 'TestCilium' $(E2EFLAGS) ./test/e2e

MESH ?= haproxy
demo-says:
	@echo "demo: builds the programs, sets up a throwaway Kubernetes of two nodes with $(MESH), runs the plugin, and"
	@echo "demo: removes all of it. The first time it compiles Kubernetes (and Istio): about 15 minutes of 2 cores and"
	@echo "demo: more; later a few. It tells each step. make demo-loopback needs a minute and no root."
demo: demo-says images $(filter istio,$(MESH)) ## a throwaway cluster with the plugin run on it: MESH=istio, KEEP=1
	$(GO) build -o build/demo ./test/demo
	test/with-cluster meshbench-demo build/demo $(MESH) $(DEMOFLAGS)

demo-loopback: build ## a run without a cluster and without root: real workers as processes, a scripted API server
	$(GO) build -o build/demo-loopback ./test/loopback/demo
	@build/demo-loopback $(DEMOFLAGS)

kind-istio: build ## a cluster of kind with Istio and a run on it; needs kind, docker, helm, kubectl
	.ci/kind-istio

cluster-test: ## tests of the throwaway cluster itself
	$(GO) -C test/cluster test -tags cluster -count 1 -timeout 15m ./...

browser-test: ## the report's page in Chromium: BROWSERFLAGS='-screenshots DIR'
	test/install chromium
	$(GO) test -tags browser -count 1 -timeout 10m ./test/browser $(BROWSERFLAGS)

bench: bench-load bench-sources ## bench-load and bench-sources

bench-load: build ## load generator and target beside fortio and wrk
	test/install wrk util-linux
	$(GO) build -o build/bench ./test/bench
	build/bench $(BENCHFLAGS)

bench-peers: build ## load and what it says of known response times, beside fortio, wrk, hey, h2load and vegeta
	test/install wrk nghttp2-client util-linux
	mkdir -p build/peers
	$(GO) -C test/peers build -trimpath -o $(CURDIR)/build/peers/ fortio.org/fortio github.com/rakyll/hey github.com/tsenart/vegeta/v12
	$(GO) build -o build/bench ./test/bench
	build/bench peers $(BENCHFLAGS)

bench-sources: images ## what every source of CPU and memory says of one run
	$(GO) build -o build/sources ./test/sources
	test/with-cluster meshbench-sources build/sources $(SOURCESFLAGS)

bench-cluster: ## how long the throwaway cluster takes
	$(CLUSTER) bench

clean: ## take throwaway clusters down, remove what was built
	$(CLUSTER) down --all
	rm -rf bin build dist
