export const COMMANDS = ['new', 'build', 'test', 'bench', 'check', 'pack', 'replay'] as const
export type Command = (typeof COMMANDS)[number]

const EXIT_CODES =
  'Exit codes: 0 done, 1 something is wrong (said on standard error), 2 the command line is not understood.\n'

/** `sluice plugin --help`. */
export const PLUGIN_HELP = `sluice plugin: what the author of a policy needs

  sluice plugin new NAME          a policy that works, with cases, in a new folder NAME
  sluice plugin build [DIR...]    compile assembly/index.ts to WebAssembly
  sluice plugin test [DIR...]     play cases/*.json in the real host, and say what they leave out
  sluice plugin bench [DIR]       measure its hooks with its own cases
  sluice plugin check [DIR...]    look at it as a host and an operator will
  sluice plugin pack [DIR]        build, check, test, and write NAME-VERSION.tgz
  sluice plugin replay FILE...    make the plugin calls of a recorded exchange again, and compare

DIR is the current folder when left out. Each has more to say: sluice plugin COMMAND --help

${EXIT_CODES}`

/** `sluice plugin COMMAND --help`. */
export const COMMAND_HELP: Readonly<Record<Command, string>> = {
  new: `sluice plugin new NAME

Makes the folder NAME with a policy that works, cases that pass and a README. NAME: lower-case letters, digits and "-".

${EXIT_CODES}`,
  build: `sluice plugin build [DIR...] [--force]

Compiles assembly/index.ts of each plugin to the module that its plugin.json names, unless that is up to date. An optimizer that
does not end within a minute is ended, and a lower level tried.

  --force    compile even when nothing has changed

${EXIT_CODES}`,
  test: `sluice plugin test [DIR...] [--watch] [--snapshot | --update]

Plays every file in cases/ in the real host. Says also which hooks no case calls and which settings no case uses. The plugin must
be built.

  --watch       build and play again after every change; ends with Ctrl-C
  --snapshot    write what comes out into cases that have no "expect"
  --update      also into cases whose expectations do not hold; look at the difference before you commit it

${EXIT_CODES}`,
  bench: `sluice plugin bench [DIR] [--calls N] [--json]

Calls the hooks with what the cases show them, in the real host, and prints microseconds per call (mean, p50, p99) and the memory in
use and whether it grows. The hop to the plugin thread, which a chain of policies shares, is not in it. The plugin must be built.

  --calls N    calls of each hook of each case, at most; 5000 when left out
  --json       one JSON object instead of a table

${EXIT_CODES}`,
  check: `sluice plugin check [DIR...]

Errors: what keeps it from being loaded (imports, memory, ABI, size, hooks that are not those of plugin.json), or makes it fail.
Warnings: permissions that it asks for and does not use, settings without a description, missing cases or README, a module that is
older than its sources. Warnings alone exit with 0.

${EXIT_CODES}`,
  pack: `sluice plugin pack [DIR] [-o FILE]

Builds, checks and tests the plugin, and writes an archive with plugin.json, the module, README.md, LICENSE and cases/. The same files
make the same bytes. Prints the SHA-256 of the module and of the archive.

  -o, --output FILE    the archive; NAME-VERSION.tgz in the current folder when left out

${EXIT_CODES}`,
  replay: `sluice plugin replay FILE... [--plugin DIR] [--json]

Makes the hook calls of recorded exchanges again, each in a fresh instance, with the clock, chance and shared values of then, and says
what comes out differently. Recordings are what the section "record" of a configuration writes.

  --plugin DIR    with the plugin in this folder instead of the built-in one of its name; repeat for several
  --json          the result as JSON

Exit codes: 0 all the same, 1 something differs, 2 nothing could be compared, or the command line is not understood.
`
}
