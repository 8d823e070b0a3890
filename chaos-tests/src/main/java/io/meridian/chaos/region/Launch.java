package io.meridian.chaos.region;

import java.nio.file.Path;

/**
 * How a region's process is started.
 *
 * @param launcher the script {@code meridian}
 * @param heap its largest, for example 192m
 * @param javaOptions more options of its JVM, separated by blanks
 */
record Launch(Path launcher, String heap, String javaOptions) {}
