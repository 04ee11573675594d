/** `f_type` of statfs(2) on Linux: NFS, SMB, CIFS and SMB2. */
const NETWORK_TYPES: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

/** Whether a file system of this type keeps its files on another machine, where SQLite's locks do not hold. */
export function isNetworkFileSystem(type: number): boolean {
  return NETWORK_TYPES.has(type >>> 0);
}
