package io.meridian.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What the kernel says of a process (proc(5)). Immutable; take one before and one after.
 *
 * @param cpuSeconds user and system time since its start
 * @param residentMiB now
 * @param peakResidentMiB since its start
 */
record ProcessFigures(double cpuSeconds, double residentMiB, double peakResidentMiB) {
    private static final double TICKS_PER_SECOND = 100;
    private static final int UTIME = 11;
    private static final double KIB_PER_MIB = 1024;

    static ProcessFigures of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            double cpu = (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) / TICKS_PER_SECOND;
            List<String> status = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
            return new ProcessFigures(cpu, kib(status, "VmRSS:") / KIB_PER_MIB, kib(status, "VmHWM:") / KIB_PER_MIB);
        } catch (IOException e) {
            throw new UncheckedIOException("no process " + pid, e);
        }
    }

    private static double kib(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }

    Used since(ProcessFigures before) {
        return new Used(cpuSeconds - before.cpuSeconds, residentMiB, peakResidentMiB);
    }

    /** CPU time between two figures, and memory at the later one. */
    record Used(double cpuSeconds, double residentMiB, double peakResidentMiB) {
        /** {@code times}: CPU is told for one of so many. */
        String text(int times) {
            return String.format(
                    Locale.ROOT,
                    "cpu=%.4fs rss=%.0fMiB peak=%.0fMiB",
                    cpuSeconds / times,
                    residentMiB,
                    peakResidentMiB);
        }

        @Override
        public String toString() {
            return text(1);
        }
    }
}
