// A Python language host for a Pulumi CLI that is built from its Go module.
//
// The module lacks the official host but has its parts: the script that runs programs (pulumi-language-python-exec)
// and the package that finds a project's Python. This is the gRPC server around them. It implements the methods that
// `pulumi preview`, `up`, `refresh`, `destroy`, `about` and `install` call, as the official host does:
// https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/python/cmd/pulumi-language-python/main.go
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

const (
	// The exit code of a program that has already printed its error.
	exitCodeOfShownError = 32

	// How long an interrupted program may take to exit. The engine kills the host after 5 seconds.
	timeToEnd = 3 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // returns when the engine exits, even if it is killed
		stop()
	}()
	stopped := make(chan bool)
	context.AfterFunc(ctx, func() { close(stopped) })

	host := &languageHost{engine: os.Args[len(os.Args)-1]}
	host.programs, host.endPrograms = context.WithCancel(ctx)
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stopped,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err == nil {
		fmt.Println(server.Port) // the engine reads this line
		err = <-server.Done
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-language-python:", err)
		os.Exit(1)
	}
}

type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	engine      string          // the address of the engine's server
	programs    context.Context // the programs end when it is done
	endPrograms context.CancelFunc
}

func (*languageHost) Handshake(
	context.Context, *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (*languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// GetRequiredPackages returns none: the SDK sends the provider and its version with each resource, which is early
// enough. The official host asks pip for them.
func (*languageHost) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

// About does not use the toolchain's own method, which also asks pip for its version and would delay every
// `pulumi preview`.
func (*languageHost) About(ctx context.Context, req *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	python, err := pythonOf(req.Info)
	if err != nil {
		return nil, err
	}
	command, err := python.Command(ctx, "-c", "import platform, sys; print(platform.python_version(), sys.executable)")
	if err != nil {
		return nil, err
	}
	output, err := command.Output()
	pythonVersion, executable, _ := strings.Cut(strings.TrimSpace(string(output)), " ")
	return &pulumirpc.AboutResponse{Executable: executable, Version: pythonVersion}, err
}

func (*languageHost) GetProgramDependencies(
	ctx context.Context, req *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	python, err := pythonOf(req.Info)
	if err != nil {
		return nil, err
	}
	packages, err := python.ListPackages(ctx, req.TransitiveDependencies)
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, p := range packages {
		dependency := &pulumirpc.DependencyInfo{Name: p.Name, Version: p.Version}
		response.Dependencies = append(response.Dependencies, dependency)
	}
	return response, err
}

func (*languageHost) InstallDependencies(
	req *pulumirpc.InstallDependenciesRequest, stream pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	python, err := pythonOf(req.Info)
	if err != nil {
		return err
	}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(stream, req.IsTerminal)
	if err != nil {
		return err
	}
	err = python.InstallDependencies(
		stream.Context(), req.Info.ProgramDirectory, req.UseLanguageVersionTools, true, stdout, stderr)
	return errors.Join(err, closer.Close())
}

// Run runs a program with the official script and waits until it exits. The engine shows the program's output.
func (h *languageHost) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer context.AfterFunc(h.programs, end)()

	python, err := pythonOf(req.Info)
	if err != nil {
		return nil, err
	}
	if err := python.ValidateVenv(ctx); err != nil {
		return nil, err
	}
	arguments, err := h.arguments(req)
	if err != nil {
		return nil, err
	}
	program, err := python.Command(ctx, arguments...)
	if err != nil {
		return nil, err
	}
	// gRPC delivers an empty map or list as nil, which would become `null`.
	config := toJSON(maps.Collect(maps.All(req.Config)))
	program.Env = append(program.Environ(),
		"PULUMI_CONFIG="+config, "PULUMI_CONFIG_SECRET_KEYS="+toJSON(append([]string{}, req.ConfigSecretKeys...)))
	program.Stdout, program.Stderr = os.Stdout, os.Stderr
	// The engine stops the program as soon as a resource fails. On SIGTERM Python exits silently; on an interrupt it
	// would print a traceback.
	program.Cancel = func() error { return program.Process.Signal(syscall.SIGTERM) }
	program.WaitDelay = timeToEnd

	err = program.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &ended) && ended.ExitCode() == exitCodeOfShownError:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case errors.As(err, &ended):
		err = fmt.Errorf("program exited with non-zero exit code: %d", ended.ExitCode())
	case errors.Is(err, syscall.E2BIG):
		err = fmt.Errorf("the stack's config is too large: it has %d bytes as JSON. Pulumi passes it to the program in "+
			"one environment variable, which Linux limits to 128 KiB. Split it into several stacks", len(config))
	default:
		err = fmt.Errorf("problem executing program (could not run language executor): %w", err)
	}
	return &pulumirpc.RunResponse{Error: err.Error()}, nil
}

func (h *languageHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.endPrograms()
	return &emptypb.Empty{}, nil
}

// arguments returns the arguments for the program's Python: the script, which is next to this executable, and the
// arguments for the script.
func (h *languageHost) arguments(req *pulumirpc.RunRequest) ([]string, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	arguments := []string{filepath.Join(filepath.Dir(executable), "pulumi-language-python-exec")}
	for _, option := range [][2]string{
		{"--monitor", req.MonitorAddress},
		{"--engine", h.engine},
		{"--project", req.Project},
		{"--root_directory", req.Info.RootDirectory},
		{"--stack", req.Stack},
		{"--pwd", req.Pwd},
		{"--dry_run", strconv.FormatBool(req.DryRun)},
		{"--parallel", strconv.Itoa(int(req.Parallel))},
		{"--organization", req.Organization},
	} {
		if option[1] != "" {
			arguments = append(arguments, option[0], option[1])
		}
	}
	return append(append(arguments, req.Info.EntryPoint), req.Args...), nil
}

// pythonOf returns a project's Python: the one in the virtual environment that Pulumi.yaml names, or else the one on
// PATH.
func pythonOf(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, error) {
	options := info.GetOptions().AsMap()
	virtualenv, _ := options["virtualenv"].(string)
	if name, given := options["toolchain"]; given && name != "pip" {
		return nil, fmt.Errorf("this language host supports the toolchain `pip`, not `%v`", name)
	}
	return toolchain.ResolveToolchain(toolchain.PythonOptions{
		Root:       info.GetRootDirectory(),
		ProgramDir: info.GetProgramDirectory(),
		Virtualenv: virtualenv,
		Toolchain:  toolchain.Pip,
	})
}

// toJSON encodes strings, and lists and maps of strings, none of which can fail.
func toJSON(value any) string {
	encoded, _ := json.Marshal(value)
	return string(encoded)
}
