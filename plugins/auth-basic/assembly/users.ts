import {
  base64Decode,
  constantTimeEqual,
  Hash,
  hexDecode,
  pbkdf2,
  Settings,
  sha256
} from '@sluice/plugin-sdk/assembly'

const SHA256_BYTES: i32 = 32
const SHA512_BYTES: i32 = 64
const MIN_SALT_BYTES: i32 = 8

/** A user, and what the password must become. */
@final
export class User {
  constructor(
    readonly name: string,
    readonly consumer: string,
    readonly tags: string[] | null,
    readonly disabled: bool,
    private readonly hash: Hash,
    /** 0: the digest is the plain hash. */
    readonly iterations: i32,
    private readonly salt: Uint8Array,
    private readonly digest: Uint8Array
  ) {}

  /** Whether it is the user's password, in a time that does not tell how nearly. */
  knows(password: Uint8Array): bool {
    const made = this.iterations == 0 ? sha256(password) : pbkdf2(this.hash, password, this.salt, this.iterations)
    return constantTimeEqual(made, this.digest)
  }
}

const NOTHING = new Uint8Array(0)

/** The users by their names. */
@final
export class Users {
  private readonly byName: Map<string, User> = new Map<string, User>()
  private mistake: string = ''
  /** The user whose password takes longest to check: what is done for names that nobody has. */
  slowest: User = new User('', '', null, true, Hash.SHA256, 0, NOTHING, NOTHING)

  /** Takes the users of the settings. Returns "" or what is wrong with them. */
  fill(given: Settings[]): string {
    for (let i = 0; i < given.length; i++) {
      const user = this.read(given[i])
      if (user === null) return 'users[' + i.toString() + ']' + this.mistake
      if (this.byName.has(user.name)) return 'users[' + i.toString() + '].name is that of another user'
      this.byName.set(user.name, user)
      if (user.iterations > this.slowest.iterations) this.slowest = user
    }
    return ''
  }

  /** null when nobody has that name. */
  find(name: string): User | null {
    return this.byName.has(name) ? this.byName.get(name) : null
  }

  private read(given: Settings): User | null {
    if (given.has('sha256') == given.has('pbkdf2')) return this.refuse(' must have exactly one of sha256 and pbkdf2')
    if (given.has('sha256')) {
      const plain = hexDecode(given.string('sha256'))
      if (plain === null || plain.length != SHA256_BYTES) return this.refuse('.sha256 must be 64 hexadecimal digits')
      return make(given, Hash.SHA256, 0, NOTHING, plain)
    }
    const slow = given.object('pbkdf2')
    const hash = slow.string('hash', 'sha256') == 'sha512' ? Hash.SHA512 : Hash.SHA256
    const salt = base64Decode(slow.string('salt'))
    if (salt === null || salt.length < MIN_SALT_BYTES) {
      return this.refuse('.pbkdf2.salt must be 8 bytes or more in base64')
    }
    const digest = base64Decode(slow.string('digest'))
    const size = hash == Hash.SHA512 ? SHA512_BYTES : SHA256_BYTES
    if (digest === null || digest.length != size) {
      return this.refuse('.pbkdf2.digest must be ' + size.toString() + ' bytes in base64')
    }
    return make(given, hash, slow.int('iterations'), salt, digest)
  }

  private refuse(why: string): User | null {
    this.mistake = why
    return null
  }
}

function make(given: Settings, hash: Hash, iterations: i32, salt: Uint8Array, digest: Uint8Array): User {
  const name = given.string('name')
  const consumer = given.string('consumer', name)
  return new User(name, consumer, given.pairs('tags'), given.bool('disabled'), hash, iterations, salt, digest)
}
