/** A store that speaks S3, on a port of its own, with one empty bucket: moto's (pip install 'moto[server]'), where it is installed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { AwsClient } from "aws4fetch";
import { freePort } from "./redis.ts";

export const hasS3 = spawnSync("python3", ["-c", "import moto.server"]).status === 0;

export interface TestS3 {
  /** What a program for S3 reads. */
  readonly environment: Readonly<Record<string, string>>;
  readonly address: string;
  readonly process: ChildProcess;
}

export const bucketName = "samples";

export async function startS3(): Promise<TestS3> {
  const port = await freePort();
  const child = spawn("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const address = `http://127.0.0.1:${port}`;
  const environment = { AWS_ACCESS_KEY_ID: "somebody", AWS_SECRET_ACCESS_KEY: "secret", AWS_ENDPOINT_URL: address };
  const client = new AwsClient({ accessKeyId: "somebody", secretAccessKey: "secret", region: "us-east-1", retries: 0 });
  for (;;) {
    const made = await client
      .fetch(`${address}/${bucketName}`, { method: "PUT", aws: { service: "s3" } })
      .catch(() => {});
    if (made?.ok) return { environment, address, process: child };
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
