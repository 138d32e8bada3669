/** The part of the WebAssembly JavaScript API that Sluice uses: the types come with the DOM library only, which a server has no use for. */
declare namespace WebAssembly {
  interface ModuleExportDescriptor {
    readonly name: string
    readonly kind: string
  }
  interface ModuleImportDescriptor extends ModuleExportDescriptor {
    readonly module: string
  }
  class Module {
    constructor(bytes: Uint8Array)
    static exports(module: Module): ModuleExportDescriptor[]
    static imports(module: Module): ModuleImportDescriptor[]
    // A module is opaque; without a member every object would pass for one.
    private readonly opaque: never
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean })
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Exports
  }
  // biome-ignore lint/complexity/noBannedTypes: an export is any function
  type ExportValue = Memory | Function | object
  type Exports = Record<string, ExportValue>
  type Imports = Record<string, Record<string, unknown>>
  class RuntimeError extends Error {}
  class CompileError extends Error {}
  class LinkError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>
  function instantiate(module: Module, imports?: Imports): Promise<Instance>
  function validate(bytes: Uint8Array): boolean
}
