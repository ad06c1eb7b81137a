import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ownerOf } from './records.ts';

export interface ListQuality {
  precision: number;
  recall: number;
  /** Records in the largest cluster found. */
  largest: number;
  clusters: number;
}

const choose2 = (n: number) => (n * (n - 1)) / 2;

/** Reads the clusters of a generated list, and compares all pairs in them with the truth that the generator knows. */
export async function qualityOf(path: string, rows: number): Promise<ListQuality> {
  const owners = new Int32Array(rows);
  const clusters = new Int32Array(rows).fill(-1);
  for (let row = 0; row < rows; row++) owners[row] = ownerOf(row, rows);
  let header = true;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!header) {
      const [record, cluster] = line.split(',');
      clusters[rowOf(record!)] = rowOf(cluster!);
    }
    header = false;
  }
  const lost = clusters.indexOf(-1);
  if (lost >= 0) throw new Error(`record r${lost + 1} is in no cluster`);
  const [ofOwner, ofCluster] = [new Int32Array(rows), new Int32Array(rows)];
  const both = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    ofOwner[owners[row]!]!++;
    ofCluster[clusters[row]!]!++;
    const pair = owners[row]! * rows + clusters[row]!;
    both.set(pair, (both.get(pair) ?? 0) + 1);
  }
  const pairs = (counts: Iterable<number>) => {
    let sum = 0;
    for (const n of counts) sum += choose2(n);
    return sum;
  };
  const right = pairs(both.values());
  return {
    precision: right / pairs(ofCluster),
    recall: right / pairs(ofOwner),
    largest: ofCluster.reduce((most, n) => Math.max(most, n), 0),
    clusters: ofCluster.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0),
  };
}

const rowOf = (id: string) => Number(id.slice(1)) - 1;
