-- AlterTable
ALTER TABLE "ledger_head" ADD COLUMN "clock_accepted" BIGINT;
ALTER TABLE "ledger_head" ADD COLUMN "clock_boot" BIGINT;
ALTER TABLE "ledger_head" ADD COLUMN "clock_boot_id" TEXT;
ALTER TABLE "ledger_head" ADD COLUMN "clock_wall" BIGINT;
