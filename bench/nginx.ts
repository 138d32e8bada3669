import { mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { childPids, freePort, listening, start } from './children.js'
import type { Contender, Setup } from './setup.js'

export interface NginxOptions {
  /** An origin. */
  readonly upstream: string
  /** A buffered access log. */
  readonly accessLog?: true
  /** What comes of a reply is passed on at once. */
  readonly streams?: true
}

/** Debian's nginx as a reverse proxy with one worker and upstream keep-alive. */
export async function startNginx(setup: Setup, options: NginxOptions): Promise<Contender> {
  const port = await freePort()
  const folder = join(setup.folder, `nginx-${port}`)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, config(folder, port, options))
  const child = start('nginx', setup.gatewayCore, ['nginx', '-e', 'stderr', '-c', file])
  await listening(child, port)
  const workers = await workersOf(child.pid)
  return { origin: `http://127.0.0.1:${port}`, pids: workers, end: () => child.end() }
}

/** nginx listens a moment before its worker is there. */
async function workersOf(pid: number): Promise<number[]> {
  for (let tries = 0; tries < 100; tries++) {
    const workers = childPids(pid)
    if (workers.length === 1) return workers
    await setTimeout(20)
  }
  throw new Error('nginx does not have one worker')
}

function config(folder: string, port: number, { upstream, accessLog, streams }: NginxOptions): string {
  // Only root may (and must) say whom the worker runs as.
  const user = userInfo()
  return `${user.uid === 0 ? `user ${user.username};` : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log ${accessLog === true ? `${folder}/access.log combined buffer=64k flush=1s` : 'off'};
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_body_buffer_size 128k;
  keepalive_requests 1000000000;
  upstream api {
    server ${upstream.replace('http://', '')};
    keepalive 128;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://api;
      proxy_http_version 1.1;${streams === true ? '\n      proxy_buffering off;' : ''}
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`
}
