// Package command writes command lines that can be pasted: they name the same
// cluster and user as the command that prints them, quoted for a shell.
package command

import (
	"regexp"
	"strings"
)

// Flag is a flag of the command that runs, as the user gave it.
type Flag struct{ Name, Value string }

// Lines writes commands. The zero value adds nothing.
type Lines struct {
	own, elsewhere []string
}

// New returns Lines that repeat these flags. Secrets are left out: what is
// printed is pasted into tickets, too.
func New(flags ...Flag) Lines {
	var l Lines
	for _, f := range flags {
		if f.Name == "token" || f.Name == "password" {
			continue
		}
		text := "--" + f.Name + " " + Quoted(f.Value)
		if f.Value == "true" || f.Value == "false" { // a switch takes no word of its own
			text = "--" + f.Name + "=" + f.Value
		}
		l.own = append(l.own, text)
		if f.Name == "kubeconfig" { // the others describe one cluster, or its user
			l.elsewhere = append(l.elsewhere, text)
		}
	}
	return l
}

// Kubectl is a command of kubectl for the cluster of a context; the empty one is
// that of the command that runs.
func (l Lines) Kubectl(context string, args ...string) string {
	return strings.Join(append(append([]string{"kubectl"}, l.flags(context)...), quoted(args)...), " ")
}

// Plugin is a command of this plugin for the cluster of a context.
func (l Lines) Plugin(context string, args ...string) string {
	return strings.Join(append(append([]string{"kubectl", "meshbench"}, quoted(args)...), l.flags(context)...), " ")
}

func (l Lines) flags(context string) []string {
	if context == "" {
		return l.own
	}
	return append([]string{"--context " + Quoted(context)}, l.elsewhere...)
}

func quoted(args []string) []string {
	var out []string
	for _, a := range args {
		out = append(out, Quoted(a))
	}
	return out
}

// plain is what no shell changes.
var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// Quoted is an argument as a POSIX shell reads it back.
func Quoted(arg string) string {
	if plain.MatchString(arg) {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
