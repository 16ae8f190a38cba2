import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { BUCKET, LAB, key } from "../lab";
import { job, sample } from "../parking";
import { call, open, shot, watch } from "../support";

const CSV = sample(20_000);

/** The account as the lab leaves it, made by API. */
async function seed(page: Page): Promise<string> {
  await call(page, "s3", "CreateBucket", { Bucket: BUCKET });
  await call(page, "s3", "PutObject", { Bucket: BUCKET, Key: "parking_data/" });
  await call(page, "s3", "PutObject", { Bucket: BUCKET, Key: key(CSV), ContentType: "text/csv", Body: readFileSync(CSV).toString("base64") });
  await call(page, "glue", "CreateDatabase", { DatabaseInput: { Name: "parking" } });
  await call(page, "glue", "CreateCrawler", { Name: "parking", Role: "AWSGlueServiceRole-parking", DatabaseName: "parking", Targets: { S3Targets: [{ Path: `s3://${BUCKET}/parking_data/` }] } });
  await call(page, "glue", "StartCrawler", { Name: "parking" });
  await expect.poll(async () => (await call(page, "glue", "GetCrawler", { Name: "parking" })).Crawler.LastCrawl?.Status).toBe("SUCCEEDED");
  await call(page, "glue", "CreateJob", {
    Name: "Parking", Role: "AWSGlueServiceRole-parking", JobMode: "VISUAL", Command: { Name: "glueetl" },
    CodeGenConfigurationNodes: job(`s3://${BUCKET}/${key(CSV)}`, `s3://${BUCKET}/parking_data/`),
  });
  const { JobRunId } = await call(page, "glue", "StartJobRun", { JobName: "Parking" });
  await expect.poll(async () => (await call(page, "glue", "GetJobRun", { JobName: "Parking", RunId: JobRunId })).JobRun.JobRunState).toBe("SUCCEEDED");
  const { Contents } = await call(page, "s3", "ListObjectsV2", { Bucket: BUCKET });
  return Contents.map((object: any) => object.Key).find((key: string) => key.endsWith(".parquet"));
}

/** A user, a role, a key with an object under it, and a bucket policy that denies. */
async function guard(page: Page): Promise<{ id: string }> {
  const own = { Version: "2012-10-17", Statement: [{ Sid: "ReadLake", Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/*` }] };
  await call(page, "iam", "CreateUser", { UserName: "ana" });
  await call(page, "iam", "PutUserPolicy", { UserName: "ana", PolicyName: "read-lake", PolicyDocument: JSON.stringify(own) });
  await call(page, "iam", "AttachUserPolicy", { UserName: "ana", PolicyArn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" });
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "glue.amazonaws.com" }, Action: "sts:AssumeRole" }] };
  await call(page, "iam", "CreatePolicy", { PolicyName: "read-lake-tags", Description: "Reads objects of the lake", PolicyDocument: JSON.stringify(own) });
  await call(page, "iam", "AttachUserPolicy", { UserName: "ana", PolicyArn: "arn:aws:iam::123456789012:policy/read-lake-tags" });
  await call(page, "iam", "CreateRole", { RoleName: "analytics", AssumeRolePolicyDocument: JSON.stringify(trust) });
  const { KeyMetadata } = await call(page, "kms", "CreateKey", { Description: "The lake's key" });
  await call(page, "kms", "CreateAlias", { AliasName: "alias/lake-key", TargetKeyId: KeyMetadata.KeyId });
  await call(page, "kms", "EnableKeyRotation", { KeyId: KeyMetadata.KeyId });
  await call(page, "s3", "PutObject", { Bucket: BUCKET, Key: "secret.txt", Body: "c2VjcmV0", ServerSideEncryption: "aws:kms", SSEKMSKeyId: KeyMetadata.KeyId });
  const deny = {
    Version: "2012-10-17",
    Statement: [
      { Sid: "NotAna", Effect: "Deny", Principal: { AWS: "arn:aws:iam::123456789012:user/ana" }, Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/*` },
      { Sid: "DenyInsecureTransport", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`], Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ],
  };
  await call(page, "s3", "PutBucketPolicy", { Bucket: BUCKET, Policy: JSON.stringify(deny) });
  return { id: KeyMetadata.KeyId };
}

for (const [size, viewport] of Object.entries({ desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } })) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`screens, ${size}, ${colorScheme}`, async ({ browser, baseURL }) => {
      const context = await browser.newContext({ baseURL, viewport, colorScheme, reducedMotion: "reduce", hasTouch: size === "phone" });
      const page = await context.newPage();
      const console = watch(page);

      const look = async (name: string, address: string, ready: () => Promise<void>) => {
        await page.goto(`./${address}`);
        await ready();
        await page.evaluate(() => document.fonts.ready);
        await shot(page, `${name}-${size}-${colorScheme}`);
        // Nothing may stick out of the page's side.
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect.soft(over, `${name} scrolls sideways`).toBe(0);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        expect.soft(bad.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`), name).toEqual([]);
      };
      const text = (text: string | RegExp) => async () => expect(page.getByText(text).filter({ visible: true }).first()).toBeVisible();
      const rows = async () => expect(page.locator(".grid, [role=grid]").filter({ visible: true }).getByText("20220101").filter({ visible: true }).first()).toBeVisible();

      await open(page);
      await look("empty-home", "#/", text("Start with a lab"));
      await look("empty-storage", "#/storage", text("No buckets yet"));
      await look("empty-catalog", "#/catalog", async () => expect(page.getByRole("link", { name: "Create crawler" }).first()).toBeVisible());
      await look("empty-etl", "#/etl", text("No jobs yet"));
      const parquet = await seed(page);
      await look("home", "#/", text("Start with a lab"));
      await look("storage", "#/storage", text(BUCKET));
      await look("bucket", `#/storage/${BUCKET}/parking_data/`, text(/\.parquet$/));
      await look("object-csv", `#/storage/${BUCKET}/${key(CSV)}`, rows);
      await look("object-parquet", `#/storage/${BUCKET}/${parquet}`, rows);
      await look("bucket-properties", `#/storage/${BUCKET}?tab=properties`, text("Bucket Versioning"));
      await look("bucket-management", `#/storage/${BUCKET}?tab=management`, text("No lifecycle rules"));
      await look("bill", "#/bill", async () => expect(page.locator(".bill .total")).toBeVisible());
      await look("catalog", "#/catalog", text("results"));
      await look("crawler-form", "#/catalog/crawlers", async () => expect(page.getByLabel("S3 path")).toBeVisible());
      await look("crawler", "#/catalog/crawlers/parking", text("completed"));
      await look("table", "#/catalog/parking/results", async () => expect(page.getByRole("table", { name: "Schema" })).toBeVisible());
      await look("jobs", "#/etl", text("SUCCEEDED"));
      await look("editor", "#/etl/Parking", size === "desktop" ? async () => expect(page.locator(".node.target")).toBeVisible() : text("Drop Fields"));
      if (size === "desktop") {
        await look("editor-node", "#/etl/Parking", async () => {
          await page.locator(".node.transform").click();
          await rows();
        });
      }
      const { id } = await guard(page);
      await look("identities", "#/security", text("ana"));
      await look("user", "#/security/users/ana", text("read-lake"));
      await look("role", "#/security/roles/analytics", text("Trust policy"));
      await look("policies", "#/security/policies", text("read-lake-tags"));
      await look("policy", "#/security/policies/read-lake-tags", text("Document of v1"));
      await look("public-access", "#/security/public-access", text("RestrictPublicBuckets"));
      await look("keys", "#/security/keys", text("lake-key"));
      await look("key", `#/security/keys/${id}`, text("What is under this key"));
      await look("permissions", `#/storage/${BUCKET}?tab=permissions`, async () => expect(page.locator(".who mark")).toBeVisible());
      await look("activity", "#/activity", text("CreateBucket"));
      await look("figures", "#/figures", async () => expect(page.locator(".figure-card .preview .tone").last()).toBeVisible());
      await look("figure-cost", "#/figures/storage-cost", async () => expect(page.locator(".cost-chart svg")).toBeVisible());
      await look("figure-chooser", "#/figures/storage-chooser", async () => expect(page.locator(".queue-chart svg")).toBeVisible());
      await look("streams", "#/streams", text("A hot shard and its cure"));
      const full = async () => expect(page.getByText(/shard 2 is full/).first()).toBeVisible();
      await look("hot-shard", "?at=200#/streams/scenes/hot-shard", full);
      await look("hot-shard-alone", "?figure=hot-shard&at=200", full);
      await look("consumers", "?at=200#/streams/scenes/consumers", text("IN ALARM"));
      const drawn = (selector: string) => async () => expect(page.locator(selector).first()).toBeVisible();
      await look("flink-late-data", "#/streams/flink/late-data", drawn(".plane .card"));
      await look("flink-late-data-alone", "?figure=late-data", drawn(".plane .card"));
      await look("flink-sessions", "#/streams/flink/sessions", drawn(".lanes .pane"));
      await look("flink-recovery", "?at=36#/streams/flink/recovery", drawn(".flow .store .done"));
      await look("flink-sql", "#/streams/flink/flink-sql", drawn(".sql-result .list"));
      await call(page, "kinesis", "CreateStream", { StreamName: "telemetry", ShardCount: 2 });
      await look("stream", "#/streams/telemetry", text("No application reads this stream."));
      await look("alarms-empty", "#/alarms", text("No alarms yet"));
      await call(page, "cloudwatch", "PutMetricAlarm", {
        AlarmName: "lowerlimit",
        Namespace: "AWS/Kinesis",
        MetricName: "IncomingRecords",
        Dimensions: [{ Name: "StreamName", Value: "telemetry" }],
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 10000,
        ComparisonOperator: "LessThanThreshold",
      });
      await look("alarms", "#/alarms", text("lowerlimit"));
      await look("alarm", "#/alarms/lowerlimit", async () => expect(page.getByRole("slider", { name: "Threshold" })).toBeVisible());
      await look("delivery-form", "#/streams/delivery/", text("Create a Firehose stream"));
      await call(page, "firehose", "CreateDeliveryStream", {
        DeliveryStreamName: "to-s3",
        ExtendedS3DestinationConfiguration: { RoleARN: "arn:aws:iam::123456789012:role/firehose", BucketARN: `arn:aws:s3:::${BUCKET}` },
      });
      await look("delivery", "#/streams/delivery/to-s3", text("Start demo data"));
      await look("scene-firehose", "?at=400#/streams/scenes/firehose", text("IN ALARM"));
      await look("figure-batch", "#/figures/batch-or-stream", async () => expect(page.locator(".batch-chart svg path.batch")).toBeVisible());
      await look("labs", "#/labs", text("Ingest a CSV with Glue"));
      await look("lab", `#/labs/${LAB}`, text("All steps done"));
      console.check();
      await context.close();
    });
  }
}
