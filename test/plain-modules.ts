import module from 'node:module'

// Loaded before tap's own parts (test/run.ts). To know which files a test loads, for coverage, tap hooks into the module
// loader of every process and thread, which doubles what the tests take; coverage is off.
module.register = new Proxy(module.register, {
  apply: (register, self, args) =>
    String(args[0]).includes('/@tapjs/processinfo/') ? undefined : Reflect.apply(register, self, args)
})
