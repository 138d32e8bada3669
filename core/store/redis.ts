import { Buffer } from 'node:buffer'
import { Redis } from 'ioredis'
import type { Store } from './store.js'

/** A command that is not answered in this time fails: an exchange waits for it. */
const COMMAND_MS = 2_000

/** KEYS key; ARGV "1" when one is expected, the expected value, the new value, ttl. */
const SWAP = `
local known = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if known ~= ARGV[2] then return 0 end
elseif known then
  return 0
end
if ARGV[4] == '0' then redis.call('SET', KEYS[1], ARGV[3]) else redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
return 1`

/** KEYS key; ARGV delta, ttl. */
const ADD = `
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if ARGV[2] ~= '0' and redis.call('PTTL', KEYS[1]) == -1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum`

/**
 * A store in Redis, shared by every gateway that names the same one. Connects when it is first used and again after a loss.
 * @param onError - hears of connections that are lost or refused
 */
export function redisStore(url: string, onError: (error: Error) => void): Store {
  const redis = new Redis(url, {
    lazyConnect: true,
    keyPrefix: 'sluice:',
    commandTimeout: COMMAND_MS,
    connectTimeout: COMMAND_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true
  })
  redis.on('error', onError)
  return {
    get: async key => (await redis.getBuffer(key)) ?? undefined,
    set: async (key, value, ttlMs) => {
      const bytes = Buffer.from(value)
      await (ttlMs === 0 ? redis.set(key, bytes) : redis.set(key, bytes, 'PX', ttlMs))
    },
    delete: async key => (await redis.del(key)) === 1,
    swap: async (key, expected, value, ttlMs) => {
      const known = Buffer.from(expected ?? '')
      return (
        (await redis.eval(SWAP, 1, key, expected === undefined ? '0' : '1', known, Buffer.from(value), ttlMs)) === 1
      )
    },
    add: async (key, delta, ttlMs) => Number(await redis.eval(ADD, 1, key, delta, ttlMs)),
    close: async () => redis.disconnect()
  }
}
