import { ConfigureInput, ConfigureResult } from './abi.js'
import type { Binding } from './binding.js'
import { PluginFault } from './fault.js'
import { PluginInstance } from './instance.js'
import type { WorkerData } from './tasks.js'

/** One thread's instances, one for each binding, made when first needed and thrown away when they fail. */
export class InstanceCache {
  private readonly instances = new Map<number, PluginInstance>()
  private log: (level: number, message: string) => void = () => undefined

  constructor(private readonly plan: Pick<WorkerData, 'bindings' | 'modules' | 'shared'>) {}

  /** The instance if it is there: no promise on the hot path. */
  ready(binding: Binding, log: (level: number, message: string) => void): PluginInstance | undefined {
    this.log = log
    return this.instances.get(binding.index)
  }

  /**
   * The binding's instance, configured.
   * @param log - where its log lines go during this call and until the next
   * @throws PluginFault
   */
  async get(binding: Binding, log: (level: number, message: string) => void): Promise<PluginInstance> {
    const known = this.ready(binding, log)
    if (known !== undefined) return known
    const module = this.plan.modules[binding.module]
    if (module === undefined) throw new PluginFault('trap', 'its module is missing')
    const write = (level: number, message: string): void => this.log(level, message)
    const instance = await PluginInstance.create(binding, module, write, this.plan.shared)
    if (binding.hooks.includes('on_configure')) await configure(instance, binding)
    this.instances.set(binding.index, instance)
    return instance
  }

  /** Forgets an instance: after a trap its memory is not to be trusted. */
  discard(binding: Binding): void {
    this.instances.delete(binding.index)
  }
}

async function configure(instance: PluginInstance, binding: Binding): Promise<void> {
  const input = ConfigureInput.encode({
    plugin: binding.plugin,
    binding: binding.where,
    settings: Buffer.from(binding.settings)
  }).finish()
  const output = await instance.call('on_configure', input)
  const error = refusal(output)
  if (error !== '') throw new PluginFault('refused', `refuses its settings: ${error}`)
}

function refusal(output: Uint8Array): string {
  try {
    return ConfigureResult.decode(Uint8Array.from(output)).error // copied: the guest owns the bytes
  } catch (thrown) {
    throw new PluginFault('output', `its answer to on_configure cannot be read: ${thrown}`)
  }
}
