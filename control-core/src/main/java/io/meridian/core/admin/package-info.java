/**
 * The admin API meridian.admin.v1: requests are parsed into checked values, become commands and reads of the ports in {@code
 * io.meridian.core}, and answers are put into the API's words. Any region takes any call. Nothing is decided or stored here: what a mesh
 * accepts is the business of {@code model.mesh}, where a command runs that of the ports.
 */
@NullMarked
package io.meridian.core.admin;

import org.jspecify.annotations.NullMarked;
