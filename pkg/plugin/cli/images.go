package cli

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/meshbench/kubectl-meshbench/pkg/plugin/internal/ociarchive"
	"github.com/meshbench/kubectl-meshbench/pkg/render"
	"github.com/meshbench/kubectl-meshbench/pkg/render/term"
)

const (
	// workerProgram is what the worker's image starts.
	workerProgram = "meshbench-worker"
	// workerUser is no user of any node.
	workerUser = "65532:65532"
)

// imagesFlags say which image, and where to.
type imagesFlags struct {
	output                outputFlags
	archive, binary, name string
	// formatted is whether somebody gave -o.
	formatted bool
}

// imageFacts is one image that runs use, as machines read it.
type imageFacts struct {
	Name string `json:"name"`
	For  string `json:"for"`
}

// newImages names every image that ever runs in a cluster, and writes it where
// no registry has it.
func newImages(a *app) *cobra.Command {
	var f imagesFlags
	c := &cobra.Command{
		Use:   "images",
		Short: "Print the images that runs use, or write the worker's image to a file",
		Long: `Print the images that runs use: there is one, the worker's. With --archive, write
it to a file (an OCI archive that 'docker load' reads too), made of the worker's
program, which is on the page of the release as meshbench-worker_linux_ARCH.tar.gz.
The THIRD_PARTY_LICENSES beside it goes into the image. Nothing is fetched, and no
container engine is needed.

Where nodes find it then:
  kind        kind load image-archive worker.tar
  minikube    minikube image load worker.tar
  k3d         k3d image import worker.tar
  containerd  ctr --namespace k8s.io images import worker.tar    on each node
  registry    skopeo copy oci-archive:worker.tar docker://REGISTRY/meshbench-worker:TAG
Then run with --image NAME, and with --image-pull-policy Never where it was loaded
into the nodes; --image-pull-secret for a registry that asks who pulls.`,
		Example: `  kubectl meshbench images
  kubectl meshbench images --archive worker.tar --binary ./meshbench-worker
  kubectl meshbench exp1 --image registry.example.org/meshbench-worker@sha256:...`,
		Args: wants(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			f.formatted = c.Flags().Changed("output")
			return a.images(&f)
		},
	}
	f.output.addPlain(c.Flags(), "", imageFormats().Names())
	c.Flags().StringVar(&f.archive, "archive", "", "Write the worker's image to this file")
	c.Flags().StringVar(&f.binary, "binary", "", "The worker's program for Linux, for --archive")
	c.Flags().StringVar(&f.name, "name", "", "Name and tag of the image in the archive; that of the release if not given")
	return c
}

func (a *app) images(f *imagesFlags) error {
	name := f.name
	if name == "" && f.archive != "" && released(a.version) {
		name = workerImage + ":" + a.version // the digest follows from what is written
	} else if name == "" {
		name = a.image()
	}
	switch {
	case f.archive != "":
		return a.archive(f, name)
	case f.binary != "" || f.name != "":
		return usagef("--binary and --name say what --archive FILE writes")
	}
	out, err := openAnswer(&f.output, a.streams.Out, imageFormats())
	if err != nil {
		return err
	}
	defer out.discard()
	if name == "" {
		return usagef(noImage, a.version)
	}
	return out.write(a.streams.Out, []imageFacts{{name, "load and target pods"}})
}

// imageFormats are the formats of the list of images.
func imageFormats() render.AnswerFormats[[]imageFacts] {
	return render.AnswerFormats[[]imageFacts]{
		render.NewFormat("table", func(out io.Writer, all []imageFacts, _ term.Style) error {
			for _, image := range all {
				if _, err := fmt.Fprintln(out, image.Name); err != nil {
					return err
				}
			}
			return nil
		}),
		render.NewFormat("json", asJSON[[]imageFacts]), render.NewFormat("yaml", asYAML[[]imageFacts]),
	}
}

func (a *app) archive(f *imagesFlags, name string) error {
	switch {
	case f.formatted:
		return usagef("-o and --archive: one or the other")
	case f.binary == "":
		return usagef("--archive needs --binary, the worker's program: %s_linux_ARCH.tar.gz of the release, "+
			"or 'go build ./cmd/%s'", workerProgram, workerProgram)
	case name == "":
		return usagef("this build (%s) is no release: say the image's name and tag with --name", a.version)
	case !strings.Contains(name[strings.LastIndex(name, "/")+1:], ":") || strings.Contains(name, "@"):
		return usagef("--name %s: want NAME:TAG", name)
	}
	program, err := os.ReadFile(f.binary)
	if err != nil {
		return usagef("--binary: %w", err)
	}
	architecture, err := architectureOf(program)
	if err != nil {
		return usagef("--binary %s: %w", f.binary, err)
	}
	licences, err := os.ReadFile(filepath.Join(filepath.Dir(f.binary), "THIRD_PARTY_LICENSES"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the licences beside the program: %w", err)
	}
	var out bytes.Buffer // nothing is left of an archive that failed
	digest, err := ociarchive.Write(&out, ociarchive.Image{Name: name, Program: program, Path: workerProgram,
		Licences: licences, Architecture: architecture, User: workerUser})
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.archive, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	_, err = fmt.Fprintf(a.streams.ErrOut, "wrote %s for linux/%s, %s\n", name, architecture, digest)
	return err
}

// architectureOf is that of a static program for Linux, as images spell it.
func architectureOf(program []byte) (string, error) {
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return "", fmt.Errorf("is no program for Linux: %w", err)
	}
	for _, section := range file.Progs {
		if section.Type == elf.PT_INTERP {
			return "", fmt.Errorf("needs libraries, which the image has not: build it with CGO_ENABLED=0")
		}
	}
	known := map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_S390: "s390x",
		elf.EM_PPC64: "ppc64le", elf.EM_RISCV: "riscv64"}
	if name := known[file.Machine]; name != "" {
		return name, nil
	}
	return "", fmt.Errorf("is for %s, which no worker is built for", file.Machine)
}
