import { Words } from './words'

/** What a user agent, in lower case, says of the browser it is. */

const OF_BOTS = Words.of(['+http', 'bot', 'crawl', 'spider'])
const OF_BROWSERS = Words.of(['applewebkit/', ' gecko/', 'trident/', 'msie '])

/** Whether it claims to be a browser that people use. One that also says it is a bot does not. */
export function claimsBrowser(agent: string): bool {
  return agent.startsWith('mozilla/') && OF_BROWSERS.find(agent) >= 0 && OF_BOTS.find(agent) < 0
}

/** The number behind `name`, such as "chrome/"; 0 when there is none. */
export function versionOf(agent: string, name: string): i32 {
  const at = agent.indexOf(name)
  return at < 0 ? 0 : numberAt(agent, at + name.length)
}

/** The version of Chromium in Sec-CH-UA ("Chromium";v="120", …), in lower case; 0 when it is not there. */
export function hintedVersion(hints: string): i32 {
  const at = hints.indexOf('"chromium"')
  if (at < 0) return 0
  const quote = hints.indexOf('v="', at)
  return quote < 0 ? 0 : numberAt(hints, quote + 3)
}

/** Whether a platform of Sec-CH-UA-Platform, in lower case, can be that of the user agent. */
export function isPlatform(platform: string, agent: string): bool {
  if (platform == '"windows"') return agent.includes('windows')
  if (platform == '"macos"') return agent.includes('mac os') || agent.includes('macintosh')
  if (platform == '"android"') return agent.includes('android')
  if (platform == '"linux"') return agent.includes('linux') || agent.includes('x11')
  if (platform == '"chrome os"' || platform == '"chromium os"') return agent.includes('cros')
  return true
}

function numberAt(text: string, at: i32): i32 {
  let value = 0
  for (let i = at; i < text.length && i < at + 6; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (<u32>digit > 9) break
    value = value * 10 + digit
  }
  return value
}
