/**
 * The run that the launcher makes once after a build, so that the JVM can keep what a command loads and compiles (JDK 25's AOT cache). Nothing here
 * is part of the command.
 */
@NullMarked
package io.meridian.cli.training;

import org.jspecify.annotations.NullMarked;
