/**
 * The run that the launcher makes once after a build, so that the JVM can keep the classes that a command loads in an archive. Nothing here
 * is part of the command.
 */
@NullMarked
package io.meridian.cli.training;

import org.jspecify.annotations.NullMarked;
