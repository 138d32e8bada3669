import type { ExchangeLog } from './exchange-log.js'
import type { ExchangeMeter } from './exchange-meter.js'

/** What the event loop knows of plugins' failures: by binding, and within it by reason. */
export class PluginCounts {
  private readonly faults = new Map<string, Map<string, number>>()
  private readonly lines = new Map<string, number>()

  fault(where: string, reason: string): void {
    let reasons = this.faults.get(where)
    if (reasons === undefined) {
      reasons = new Map()
      this.faults.set(where, reasons)
    }
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }

  /** A log line was left out. */
  droppedLine(where: string): void {
    this.lines.set(where, this.droppedLines(where) + 1)
  }

  faultsOf(where: string, reason: string): number {
    return this.faults.get(where)?.get(reason) ?? 0
  }

  droppedLines(where: string): number {
    return this.lines.get(where) ?? 0
  }
}

/** A log that counts what it is told: every exchange comes by here, however it ended, and every fault of a plugin. */
export function meteredLog(log: ExchangeLog, meter: ExchangeMeter, counts: PluginCounts): ExchangeLog {
  return {
    ...log,
    exchange: exchange => {
      meter.exchange(exchange)
      log.exchange(exchange)
    },
    fault: (binding, exchange, fault) => {
      counts.fault(binding.where, fault.reason)
      log.fault(binding, exchange, fault)
    }
  }
}
