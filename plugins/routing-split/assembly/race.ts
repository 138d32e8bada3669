import { Settings } from '@sluice/plugin-sdk/assembly'

/**
 * Chooses an upstream for a client by a race: each target's time is drawn from the client's value and the target's name,
 * and divided by its weight; the fastest wins (weighted rendezvous hashing). A target's share is its weight's share. When a
 * weight changes, clients move only to what gained and from what lost: from 90/10 to 80/20 that is one in ten. The order of
 * the targets does not matter.
 */
@final
export class Race {
  private readonly names: string[] = []
  private readonly seeds: u64[] = []
  private readonly weights: f64[] = []
  private total: f64 = 0

  /** Takes the targets of the settings. Returns "" or what is wrong with them. */
  fill(targets: Settings[]): string {
    for (let i = 0; i < targets.length; i++) {
      const name = targets[i].string('upstream')
      const twin = this.names.indexOf(name)
      if (twin >= 0) return 'targets[' + i.toString() + '] is the same upstream as targets[' + twin.toString() + ']'
      const weight = targets[i].float('weight')
      this.names.push(name)
      this.seeds.push(mixed(hashed(name)))
      this.weights.push(weight)
      this.total += weight
    }
    return this.total > 0 ? '' : 'every weight is 0: nothing could be sent anywhere'
  }

  /** Names of the targets' upstreams. */
  get upstreams(): string[] {
    return this.names
  }

  /** Which target the client with this value goes to: always the same for the same targets and weights. */
  winner(value: string): i32 {
    const client = hashed(value)
    let best = f64.MAX_VALUE
    let winner = 0
    for (let i = 0; i < this.names.length; i++) {
      const weight = unchecked(this.weights[i])
      if (weight == 0) continue
      const time = -Math.log(fraction(mixed(client ^ unchecked(this.seeds[i])))) / weight
      if (time >= best) continue
      best = time
      winner = i
    }
    return winner
  }

  /** The target for a number drawn evenly from 0 up to, but not including, 1. */
  draw(number: f64): i32 {
    let left = number * this.total
    let last = 0
    for (let i = 0; i < this.names.length; i++) {
      const weight = unchecked(this.weights[i])
      if (weight == 0) continue
      last = i
      if (left < weight) return last
      left -= weight
    }
    return last
  }
}

/** FNV-1a over the text's UTF-16 units. Not for secrets: who knows it can choose a value for each upstream. */
function hashed(text: string): u64 {
  let hash: u64 = 0xcbf29ce484222325
  for (let i = 0; i < text.length; i++) hash = (hash ^ <u64>text.charCodeAt(i)) * 0x100000001b3
  return hash
}

/** Spreads every bit over all others (the finalizer of splitmix64). */
function mixed(bits: u64): u64 {
  bits += 0x9e3779b97f4a7c15
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb
  return bits ^ (bits >> 31)
}

/** A number strictly between 0 and 1. */
function fraction(bits: u64): f64 {
  return (<f64>(bits >> 12) + 0.5) * (1.0 / 4503599627370496.0)
}
