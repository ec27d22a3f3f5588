// Tells whether a path lies on a network file system, where locks and shared memory of SQLite are not to be trusted.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** As Linux names them; also behind `fuse.`. */
const NETWORK = new Set(
  (
    "nfs nfs4 cifs smb3 smbfs smb2 ncpfs ncp afs coda ceph 9p davfs lustre glusterfs beegfs gpfs orangefs pvfs2 ocfs2 gfs2 " +
    "sshfs s3fs rclone gcsfuse goofys blobfuse blobfuse2 juicefs moosefs davfs2 curlftpfs smbnetfs mountpoint-s3"
  ).split(" "),
);

const MOUNTS = "/proc/self/mountinfo";

/** The file system and its place, for people: `nfs4 at /mnt/team`; null = a local one, as far as can be told. */
export function networkFileSystem(path: string, mounts: string | null = readMounts()): string | null {
  const place = existingPlace(resolve(path));
  if (place.startsWith("\\\\")) return `network share at ${place}`;
  if (mounts === null) return null;
  const found = mountOf(place, mounts);
  if (found === null || !NETWORK.has(found.type.replace(/^fuse\./, ""))) return null;
  return `${found.type} at ${found.place}`;
}

function readMounts(): string | null {
  return existsSync(MOUNTS) ? readFileSync(MOUNTS, "utf8") : null;
}

/** The nearest folder that is there, whatever links lead to it. */
function existingPlace(path: string): string {
  let place = path;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return realpathSync(place);
}

/** The mount in which the place lies: the longest, and of several at one place the last. */
function mountOf(place: string, mounts: string): { readonly place: string; readonly type: string } | null {
  let found: { place: string; type: string } | null = null;
  for (const line of mounts.split("\n")) {
    const [before, after] = line.split(" - ");
    const type = after?.split(" ")[0];
    const mount = unescaped(before?.split(" ")[4] ?? "");
    if (type === undefined || !contains(mount, place)) continue;
    if (found === null || mount.length >= found.place.length) found = { place: mount, type };
  }
  return found;
}

function contains(mount: string, place: string): boolean {
  return mount === "/" || place === mount || place.startsWith(`${mount}/`);
}

/** Blanks and the like stand there as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
