/** What went wrong in a plugin's call. Its message is for the operator and names no other plugin's data. */
export class PluginFault extends Error {
  constructor(
    /** trap: the guest stopped. timeout: its thread was ended. output: the verdict cannot be read. denied: it asks for what it was not granted. budget: too many host calls or bytes. refused: on_configure said no to the settings. */
    readonly reason: FaultReason,
    message: string
  ) {
    super(message)
    this.name = 'PluginFault'
  }
}

export const FAULT_REASONS = ['trap', 'timeout', 'output', 'denied', 'budget', 'refused'] as const
export type FaultReason = (typeof FAULT_REASONS)[number]

const MAX_MESSAGE = 500

/** A message may quote what the plugin made up: not at any length. */
export function clip(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}…`
}

/** A fault as bytes of an arena entry, and back. */
export function encodeFault(fault: PluginFault): Buffer {
  return Buffer.from(`${fault.reason} ${clip(fault.message)}`)
}

export function decodeFault(bytes: Buffer): PluginFault {
  const text = bytes.toString('utf8')
  const blank = text.indexOf(' ')
  const reason = FAULT_REASONS.find(known => known === text.slice(0, blank))
  return new PluginFault(reason ?? 'trap', text.slice(blank + 1))
}
