// Package imports holds no code: its tests keep the architecture, the source
// files and the list of dependencies to the project's rules.
package imports
