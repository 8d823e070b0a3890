package io.meridian.compiler.internal.input;

/** A full host name as the objects of one namespace speak of it. */
public record HostIn(String namespace, String host) {}
