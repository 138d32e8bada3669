import { pbkdf2Sync } from 'node:crypto'
import { type GuestBytes, memoryAt, type Run } from '../guest-bytes.js'

/** Some 0.3 s of SHA-256: a thread cannot be ended while it is at it. */
const MAX_ITERATIONS = 1_000_000
const MAX_PASSWORD_BYTES = 65_536
const HASHES: Readonly<Record<number, { readonly name: string; readonly bytes: number }>> = {
  256: { name: 'sha256', bytes: 32 },
  512: { name: 'sha512', bytes: 64 }
}

/** Keys made of passwords. */
export function deriveFunctions(guest: GuestBytes): Record<string, Run> {
  return {
    pbkdf2: (bits = 0, password = 0, passwordLength = 0, salt = 0, saltLength = 0, iterations = 0, out = 0) => {
      const hash = HASHES[bits]
      const secret = memoryAt(guest, password, passwordLength)
      const salted = memoryAt(guest, salt, saltLength)
      if (hash === undefined || iterations < 1 || iterations > MAX_ITERATIONS) return -1
      if (secret.length > MAX_PASSWORD_BYTES || salted.length > MAX_PASSWORD_BYTES) return -1
      const target = memoryAt(guest, out, hash.bytes)
      return pbkdf2Sync(secret, salted, iterations, hash.bytes, hash.name).copy(target)
    }
  }
}
