import { PromptView, Settings } from '@sluice/plugin-sdk/assembly'

/** How large a prompt may be; -1: there is no limit. */
@final
export class Limits {
  private readonly messages: i32
  private readonly characters: i32
  private readonly messageCharacters: i32
  private readonly images: i32
  private readonly files: i32
  private readonly tools: i32

  constructor(settings: Settings) {
    this.messages = settings.int('messages', -1)
    this.characters = settings.int('characters', -1)
    this.messageCharacters = settings.int('messageCharacters', -1)
    this.images = settings.int('images', -1)
    this.files = settings.int('files', -1)
    this.tools = settings.int('tools', -1)
  }

  /** The name of the limit that a prompt exceeds; "" for none. */
  exceeded(prompt: PromptView): string {
    if (isOver(prompt.messages.length, this.messages)) return 'messages'
    if (isOver(prompt.tools.length, this.tools)) return 'tools'
    const inside = this.characters >= 0 || this.messageCharacters >= 0 || this.images >= 0 || this.files >= 0
    return inside ? this.exceededInside(prompt) : ''
  }

  private exceededInside(prompt: PromptView): string {
    let characters = 0
    let images = 0
    let files = 0
    for (let i = 0; i < prompt.messages.length; i++) {
      const message = prompt.messages.at(i)
      let own = 0
      for (let at = 0; at < message.content.length; at++) {
        const part = message.content.at(at)
        if (part.isText) own += part.text.length
        else if (part.type == 'image') images++
        else if (part.type == 'file' || part.type == 'audio') files++
      }
      const role = message.role
      if ((role == 'user' || role == 'tool') && isOver(own, this.messageCharacters)) return 'messageCharacters'
      characters += own
    }
    if (isOver(characters, this.characters)) return 'characters'
    if (isOver(images, this.images)) return 'images'
    return isOver(files, this.files) ? 'files' : ''
  }
}

function isOver(count: i32, limit: i32): bool {
  return limit >= 0 && count > limit
}
