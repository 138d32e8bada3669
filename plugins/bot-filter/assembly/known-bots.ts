/**
 * Names that automated clients give themselves, by what they are for. In lower case; found as whole words.
 */

const SCANNERS = [
  'acunetix', 'arachni', 'burpcollaborator', 'censysinspect', 'commix', 'detectify', 'dirbuster', 'dirsearch',
  'feroxbuster', 'ffuf', 'fuzz faster u fool', 'gobuster', 'havij', 'internet-measurement', 'invicti', 'jaeles',
  'jorgee', 'l9explore', 'l9tcpid', 'leakix', 'libredtail-http', 'masscan', 'morfeus', 'muieblackcat', 'nessus',
  'netsparker', 'nikto', 'nmap scripting engine', 'nuclei', 'openvas', 'owasp zap', 'palo alto networks company',
  'qualys', 'shodan', 'skipfish', 'sqlmap', 'w3af', 'wfuzz', 'whatweb', 'wpscan', 'xpanse', 'xsstrike', 'zaproxy',
  'zgrab', 'zmap', 'zmeu'
]

const SCRAPERS = [
  '80legs', 'blackwidow', 'colly', 'crawl4ai', 'emailcollector', 'emailsiphon', 'emailwolf', 'extractorpro',
  'firecrawl', 'heritrix', 'httrack', 'larbin', 'mechanize', 'nutch', 'offline explorer', 'scrapy',
  'sitesnagger', 'sitesucker', 'teleport pro', 'trafilatura', 'web downloader', 'webcopier', 'webreaper',
  'websucker', 'webzip'
]

const HEADLESS = [
  'casperjs', 'headlesschrome', 'headlessshell', 'htmlunit', 'jsdom', 'phantomjs',
  'playwright', 'puppeteer', 'selenium', 'slimerjs', 'webdriver', 'zombie.js'
]

const SEO = [
  'ahrefsbot', 'ahrefssiteaudit', 'barkrowler', 'blexbot', 'dataforseobot', 'dotbot', 'linkdexbot', 'majestic12',
  'megaindex', 'mj12bot', 'rogerbot', 'screaming frog', 'semrushbot', 'seobilitybot', 'seokicks', 'serpstatbot',
  'sistrix', 'siteauditbot', 'spbot', 'xovibot', 'zoominfobot'
]

const AI = [
  'ai2bot', 'amazonbot', 'anthropic-ai', 'applebot-extended', 'bytespider', 'ccbot', 'chatgpt-user',
  'claude-searchbot', 'claude-user', 'claude-web', 'claudebot', 'cohere-ai', 'deepseekbot', 'diffbot',
  'duckassistbot', 'facebookbot', 'google-cloudvertexbot', 'gptbot', 'iaskspider', 'imagesiftbot', 'kangaroo bot',
  'meta-externalagent', 'meta-externalfetcher', 'mistralai-user', 'oai-searchbot', 'omgili', 'omgilibot', 'pangubot',
  'perplexity-user', 'perplexitybot', 'petalbot', 'timpibot', 'webzio-extended', 'youbot'
]

const TOOLS = [
  'aiohttp', 'apache-httpclient', 'apachebench', 'aria2', 'axios', 'bun', 'curl', 'deno', 'faraday',
  'go-http-client', 'got', 'guzzlehttp', 'httpie', 'httpx', 'insomnia', 'jakarta', 'java', 'jmeter', 'k6', 'libcurl',
  'libwww-perl', 'lwp', 'node', 'node-fetch', 'okhttp', 'perl', 'php', 'postmanruntime', 'powershell', 'pycurl',
  'python', 'python-httpx', 'python-requests', 'python-urllib', 'reqwest', 'restsharp', 'ruby', 'siege', 'undici',
  'vegeta', 'wget', 'winhttp', 'wrk'
]

/** The names of a list of the settings. */
export function namesOf(list: string): string[] {
  if (list == 'scanners') return SCANNERS
  if (list == 'scrapers') return SCRAPERS
  if (list == 'headless') return HEADLESS
  if (list == 'seo') return SEO
  return list == 'ai' ? AI : TOOLS
}
