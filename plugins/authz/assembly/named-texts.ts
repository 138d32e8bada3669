import { lowerAscii, Settings } from '@sluice/plugin-sdk/assembly'

/** Names, each with the texts its value may have. */
@final
export class NamedTexts {
  readonly names: string[] = []
  readonly texts: string[][] = []

  get isEmpty(): bool {
    return this.names.length == 0
  }

  /** Takes an object of the settings in: each value is a text or a list of them. */
  fill(settings: Settings): void {
    const names = settings.names()
    for (let i = 0; i < names.length; i++) {
      const one = settings.string(names[i])
      this.names.push(names[i])
      this.texts.push(one.length > 0 ? [one] : settings.strings(names[i]))
    }
  }

  lowerNames(): void {
    for (let i = 0; i < this.names.length; i++) this.names[i] = lowerAscii(this.names[i])
  }
}
