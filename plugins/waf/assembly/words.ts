import { WordSet } from './word-set'

/** What a word of the text leads to. */
export enum Cue {
  NONE,
  /** and, or … */
  LOGIC,
  UNION,
  SELECT,
  /** Verbs of statements that change something. */
  VERB,
  ORDER,
  /** Names that nobody but a database has. */
  SQL_NAME,
  /** sleep, benchmark: names that others have too. */
  SQL_WAIT,
  INTO_FILE,
  SQL_FUNCTION,
  /** Functions of a browser's page. */
  PAGE_CALL,
  PAGE_NAME,
  /** Names of files that nobody sends for. */
  FILE,
  SHELL,
  JAVA,
  PHP,
  PYTHON,
  TOOL,
  PROTOTYPE
}

const cues: Cue[] = []
let list = ''

add(Cue.LOGIC, 'and or xor having where')
add(Cue.UNION, 'union')
add(Cue.SELECT, 'select')
add(Cue.VERB, 'insert delete drop update truncate alter create merge grant exec execute declare shutdown')
add(Cue.ORDER, 'order group procedure')
add(
  Cue.SQL_NAME,
  'information_schema sqlite_master sqlite_schema pg_catalog pg_sleep pg_read_file pg_ls_dir lo_import xp_cmdshell xp_dirtree ' +
    'sp_executesql sp_oacreate load_file extractvalue updatexml utl_http utl_inaddr dbms_pipe dbms_lock dbms_ldap sysobjects ' +
    'syscolumns sysusers waitfor openrowset randomblob group_concat all_tables user_tables sysdate current_setting'
)
add(Cue.SQL_WAIT, 'sleep benchmark')
add(Cue.INTO_FILE, 'outfile dumpfile')
add(Cue.SQL_FUNCTION, 'char chr concat concat_ws ascii substring substr mid ord hex unhex char_length database version convert cast')
add(Cue.PAGE_CALL, 'alert prompt confirm eval print fetch atob settimeout setinterval import')
add(Cue.PAGE_NAME, 'document fromcharcode')
add(Cue.FILE, 'passwd shadow environ cmdline id_rsa id_dsa authorized_keys htaccess htpasswd win boot system32 web wp credentials env git svn')
add(Cue.SHELL, 'sh bash zsh dash ksh tcp udp cmd powershell pwsh ifs')
add(Cue.PYTHON, '__class__ __mro__ __globals__ __builtins__ __subclasses__ __import__')
add(Cue.JAVA, 'class java javax ognl _memberaccess processbuilder')
add(Cue.PHP, 'php phar expect')
add(Cue.TOOL, 'sqlmap nikto nessus acunetix masscan dirbuster wpscan havij nuclei zgrab gobuster ffuf w3af openvas arachni netsparker nmap dirsearch feroxbuster')
add(Cue.PROTOTYPE, '__proto__')

const set = new WordSet(list)

/** What the word of `size` bytes at `at`, with this hash, leads to. */
export function cueOf(hash: u32, at: usize, size: i32): Cue {
  const index = set.indexOf(hash, at, size)
  return index < 0 ? Cue.NONE : unchecked(cues[index])
}

function add(cue: Cue, words: string): void {
  const count = words.split(' ').length
  for (let i = 0; i < count; i++) cues.push(cue)
  list += (list == '' ? '' : ' ') + words
}
