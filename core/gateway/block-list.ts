import { BlockList, isIP } from 'node:net'
import type { Network } from '../config/networks.js'

/** The networks as one list to check addresses against; undefined when there are none. */
export function blockList(networks: readonly Network[]): BlockList | undefined {
  if (networks.length === 0) return undefined
  const list = new BlockList()
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family)
  return list
}

/** Whether `address` is in one of the networks. */
export function isListed(address: string, list: BlockList | undefined): boolean {
  if (list === undefined) return false
  const version = isIP(address)
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4')
}
