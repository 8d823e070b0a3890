/**
 * The {@code meridian} command: a thin client of the admin API. Arguments and files come in; text for people, JSON and YAML for programs, and
 * an exit code go out.
 *
 * <p>{@link io.meridian.cli.Meridian} finds the verb and runs it. What a verb needs (console, environment, servers) comes with the {@link
 * io.meridian.cli.session.Session} that it is constructed with. Nothing about meshes is decided here: that is the server's business.
 */
@NullMarked
package io.meridian.cli;

import org.jspecify.annotations.NullMarked;
