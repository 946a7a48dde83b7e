/** A web server for tests: nginx, run by this user on free ports of the loopback interface. */
import { DATA } from "../tree.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { whyNotRun } from "../needs.ts";

const PROGRAM = ["nginx", "/usr/sbin/nginx"].find((program) => whyNotRun(program, "-v") === undefined);

/** Why there is no server here; undefined if there is one. */
export const WHY_NO_NGINX = PROGRAM === undefined ? "there is no nginx" : undefined;

/** What opens the folder `/private/`. */
export const SECRET = "Bearer open-sesame";

/** A request as the server logged it. */
export interface Logged {
  /** Whether it came to the second server, which is of another origin. */
  other: boolean;
  status: number;
  path: string;
  range: string;
  authorization: string;
  ifMatch: string;
}

/** A server that runs. */
export interface Nginx extends AsyncDisposable {
  /** Its URL, without a slash at the end. */
  url: string;
  /** That of the second server. */
  otherUrl: string;
  /** The requests so far; those before are forgotten. */
  requests(): Promise<Logged[]>;
}

/**
 * Starts a server.
 *
 * | folder | how it serves the files of `root` |
 * | --- | --- |
 * | `/` | as nginx does by itself |
 * | `/gzip/` | compressed for who takes that |
 * | `/whole/` | never in parts |
 * | `/moved/` | from the other server, where a redirect leads, signed |
 * | `/circle/` | by a redirect to itself |
 * | `/private/` | for who knows the secret |
 * | `/weak/`, `/dated/`, `/unmarked/` | with a weak ETag, with a date only, with neither |
 *
 * @param root The folder; by default that of the sample datasets.
 */
export async function startNginx(root: string = DATA): Promise<Nginx> {
  const folder = temporaryFolder();
  const [port, otherPort] = [freePort(), freePort()];
  const log = `${folder.path}/access.log`;
  const config = `${folder.path}/nginx.conf`;
  const files = root.replace(/\/?$/, "/");
  Deno.writeTextFileSync(
    config,
    `
daemon off;
master_process off;
pid ${folder.path}/pid;
error_log ${folder.path}/error.log;
events {}
http {
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder.path};`).join(" ")}
  log_format test escape=none '$server_port\t$status\t$request_uri\t$http_range\t$http_authorization\t$http_if_match';
  access_log ${log} test;
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:${port};
    root ${files};
    location /gzip/ { alias ${files}; gzip on; gzip_types *; gzip_min_length 1; }
    location /whole/ { alias ${files}; max_ranges 0; }
    location /moved/ { rewrite ^/moved/(.*)$ http://localhost:${otherPort}/stored/$1?signature=hidden redirect; }
    location /circle/ { return 302 $request_uri; }
    location /private/ {
      alias ${files};
      if ($http_authorization != "${SECRET}") { return 401; }
    }
    location /weak/ { alias ${files}; etag off; add_header ETag 'W/"weak"'; }
    location /dated/ { alias ${files}; etag off; }
    location /unmarked/ { alias ${files}; etag off; add_header Last-Modified ""; }
  }
  server {
    listen 127.0.0.1:${otherPort};
    location /stored/ { alias ${files}; }
  }
}`,
  );
  const child = new Deno.Command(PROGRAM!, { args: ["-c", config, "-e", `${folder.path}/error.log`], stdin: "null" })
    .spawn();
  let ended = false;
  child.status.then(() => ended = true);
  await untilThere(port, () => ended);
  return {
    url: `http://127.0.0.1:${port}`,
    otherUrl: `http://localhost:${otherPort}`,
    async requests() {
      // A request is logged when its answer was sent, perhaps a moment after it came.
      await (await fetch(`http://127.0.0.1:${otherPort}/last`)).body?.cancel();
      for (;;) {
        const lines = Deno.readTextFileSync(log).split("\n").slice(0, -1);
        if (!lines.at(-1)?.includes("\t/last\t")) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          continue;
        }
        Deno.truncateSync(log);
        return lines.slice(0, -1).map((line) => {
          const [at, status, path, range, authorization, ifMatch] = line.split("\t");
          return { other: Number(at) === otherPort, status: Number(status), path, range, authorization, ifMatch };
        });
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      folder[Symbol.dispose]();
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until somebody listens. */
async function untilThere(port: number, isHopeless: () => boolean): Promise<void> {
  while (!isHopeless()) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  throw new Error("nginx does not start");
}
