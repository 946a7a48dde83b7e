import { dirname } from "node:path";
import { codeOf } from "../errors.ts";

/**
 * File systems whose calls wait for another machine, by their names in Linux (filesystems(5) and the manuals of those that
 * are no part of it). What FUSE drives is one more: it waits for another process, and most such are on a network.
 */
const ON_NETWORK =
  /^(9p|afs|beegfs|ceph|cifs|coda|fuse(\..+)?|glusterfs|gpfs|lustre|nfs4?|ocfs2|orangefs|panfs|pvfs2|smb3|smbfs|wekafs)$/;

/**
 * The name of the file system that a folder is in.
 *
 * @param folder The folder; it must exist.
 * @returns undefined if nothing says so.
 */
export function fileSystemType(folder: string): string | undefined {
  try {
    const { dev } = Deno.statSync(folder);
    // As the C library splits it: twelve bits, and the others on both sides of them.
    const device = `${dev >>> 8 & 0xfff}:${dev & 0xff | dev >>> 12 & 0xfff00}`;
    // proc_pid_mountinfo(5): number, parent, device, ..., a dash, the name.
    const mounts = Deno.readTextFileSync("/proc/self/mountinfo").split("\n").map((line) => line.split(" "));
    const mount = mounts.find((fields) => fields[2] === device);
    return mount?.[mount.indexOf("-") + 1];
  } catch {
    return undefined;
  }
}

/**
 * Whether every call to the file system of a folder waits for another machine, as far as anything says so.
 *
 * @param folder The folder; if it is not there yet, the one that it will be in.
 * @param typeOf Tells the file system; for tests.
 */
export function isOnNetwork(folder: string, typeOf: typeof fileSystemType = fileSystemType): boolean {
  try {
    Deno.statSync(folder);
  } catch (error) {
    const parent = dirname(folder);
    return codeOf(error) === "ENOENT" && parent !== folder && isOnNetwork(parent, typeOf);
  }
  return ON_NETWORK.test(typeOf(folder) ?? "");
}
