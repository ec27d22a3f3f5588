// CPU time and memory of a process with all its threads and children, from the kernel's own accounts (Linux).
import { readdirSync, readFileSync } from "node:fs";

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function children(pid: number): number[] {
  const found: number[] = [];
  for (const task of tasks(pid))
    for (const child of read(`/proc/${pid}/task/${task}/children`).trim().split(" "))
      if (child !== "") found.push(Number(child));
  return found.flatMap((child) => [child, ...children(child)]);
}

function tasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** ns on a processor so far. */
export function cpuNanoseconds(pid: number): number {
  let total = 0;
  for (const one of [pid, ...children(pid)])
    for (const task of tasks(one)) total += Number(read(`/proc/${one}/task/${task}/schedstat`).split(" ")[0] ?? 0);
  return total;
}

/** ns on a processor so far, of the first thread alone: the loop that serves requests. */
export function firstThreadNanoseconds(pid: number): number {
  return Number(read(`/proc/${pid}/task/${pid}/schedstat`).split(" ")[0] ?? 0);
}

/** Resident memory, MB. */
export function residentMegabytes(pid: number): number {
  let total = 0;
  for (const one of [pid, ...children(pid)])
    total += Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${one}/status`))?.[1] ?? 0) / 1024;
  return total;
}
