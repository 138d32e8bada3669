import { writeString } from './json-text'
import { ByteWriter } from './writer'

/**
 * Fields of a log line, 16 at most: `new LogFields().text('tenant', id).number('tokens', 12)`. Names keep letters, digits and
 * "_.-"; those of the gateway's own fields, such as "level" and "id", get "field_" in front. Texts are cut at 512 characters.
 */
// @ts-ignore: decorator
@final
export class LogFields {
  readonly json: ByteWriter = new ByteWriter()

  text(name: string, value: string): LogFields {
    this.name(name)
    writeString(this.json, value)
    return this
  }

  number(name: string, value: f64): LogFields {
    this.name(name)
    const whole = <i64>value
    this.json.text(!isFinite(value) ? 'null' : <f64>whole == value ? whole.toString() : value.toString())
    return this
  }

  flag(name: string, value: bool): LogFields {
    this.name(name)
    this.json.text(value ? 'true' : 'false')
    return this
  }

  private name(name: string): void {
    this.json.byte(this.json.size == 0 ? 0x7b : 0x2c)
    writeString(this.json, name)
    this.json.byte(0x3a)
  }
}
