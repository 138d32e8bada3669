import { BlockList } from 'node:net'
import type { Network } from '../config/networks.js'

/** The networks as one list to check addresses against; undefined when there are none. */
export function blockList(networks: readonly Network[]): BlockList | undefined {
  if (networks.length === 0) return undefined
  const list = new BlockList()
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family)
  return list
}
