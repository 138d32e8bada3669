import { IpAddress, IpRanges, lowerAscii, Settings } from '@sluice/plugin-sdk/assembly'
import { Words } from './words'

/** Bots that are known by their addresses. */
@final
export class VerifiedBots {
  private readonly agents: Words = new Words(false)
  private readonly ranges: IpRanges[] = []

  get isEmpty(): bool {
    return this.agents.isEmpty
  }

  /** Takes the bots of the settings in. Returns "" or what is wrong with them. */
  fill(bots: Settings[]): string {
    for (let i = 0; i < bots.length; i++) {
      const name = 'verified[' + i.toString() + ']'
      const ranges = new IpRanges()
      const wrong = ranges.addAll(bots[i].strings('clientIps'), name + '.clientIps')
      if (wrong != '') return wrong
      this.agents.add(lowerAscii(bots[i].string('agent')), name)
      this.ranges.push(ranges)
    }
    return ''
  }

  /** The bot that `agent`, in lower case, says it is; -1 when it is none of these. */
  find(agent: string): i32 {
    return this.agents.find(agent)
  }

  /** Whether that bot comes from `clientIp`. */
  isFrom(bot: i32, clientIp: string): bool {
    const address = IpAddress.parse(clientIp)
    return address !== null && this.ranges[bot].has(address)
  }

  nameOf(bot: i32): string {
    return this.agents.labels[bot]
  }
}
