import { GatewayError } from '../../../base/errors.js'
import { Plugins } from './plugins.js'
import { type CallReport, type FileReport, replayFile } from './run.js'

export interface ReplayOptions {
  /** Folders of plugins that take the place of the built-in ones. */
  readonly plugin: readonly string[]
  readonly json: boolean
}

/** `sluice plugin replay`. @returns 0: all the same; 1: something differs; 2: nothing could be compared */
export async function replay(files: readonly string[], options: ReplayOptions): Promise<number> {
  if (files.length === 0) return misused('say which recording: sluice plugin replay FILE')
  const reports: FileReport[] = []
  try {
    const plugins = await Plugins.in(options.plugin)
    for (const file of files) reports.push(await replayFile(file, plugins))
  } catch (thrown) {
    return misused(thrown instanceof GatewayError || thrown instanceof Error ? thrown.message : String(thrown))
  }
  process.stdout.write(options.json ? `${JSON.stringify(reports, undefined, 2)}\n` : reports.map(inLines).join(''))
  const calls = reports.flatMap(report => report.calls)
  if (calls.some(({ result }) => result === 'differs')) return 1
  return calls.some(({ result }) => result === 'same') ? 0 : misused('no call could be compared')
}

function inLines({ file, reason, exchange, calls, leftOut }: FileReport): string {
  const { method, path, route, status, time, id } = exchange
  const lines = [`${file}: ${method} ${path} (route ${route}, status ${status}, ${time}, ${id}; recorded: ${reason})`]
  for (const call of calls) lines.push(...callLines(call))
  if (leftOut > 0) lines.push(`  ${leftOut} more calls are not in the recording, which was too large`)
  return `${lines.join('\n')}\n`
}

function callLines({ hook, plugin, where, result, differences, notes }: CallReport): string[] {
  return [
    `  ${result.padEnd(7)} ${plugin} ${hook} (${where})`,
    ...[...differences, ...notes].map(text => `          ${text}`)
  ]
}

function misused(message: string): number {
  process.stderr.write(`sluice: ${message}\n`)
  return 2
}
