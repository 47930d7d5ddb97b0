-- AlterTable
ALTER TABLE "principals" ADD COLUMN "salt" TEXT;
