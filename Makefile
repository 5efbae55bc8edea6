# Targets people use: `make test` does everything, `make unit` is the fast loop.
GO ?= go
export CGO_ENABLED ?= 0

.PHONY: test unit vet build
test: vet unit

# Nested modules (test/cluster and what it builds) have their own go.mod and
# are tested by targets of their own.
vet:
	$(GO) vet ./...
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi

unit:
	$(GO) test ./...

build:
	$(GO) build -trimpath -o bin/ ./cmd/...
