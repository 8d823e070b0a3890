package io.meridian.chaos.region;

import io.meridian.chaos.region.Launch.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A process that was started by the launcher, which became the server's JVM: signals to it reach the server. */
final class ServerProcess implements Life {
    private final Process process;
    private final CompletableFuture<String> firstLine = new CompletableFuture<>();

    private ServerProcess(Process process) {
        this.process = process;
    }

    static ServerProcess start(ProcessLaunch launch, Program program) throws IOException {
        List<String> command = new ArrayList<>(launch.prefix());
        command.add(launch.launcher().toString());
        command.addAll(program.arguments());
        command.addAll(List.of("--heap", launch.heap()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MERIDIAN_NO_BUILD", "1");
        builder.environment().put("MERIDIAN_JAVA_OPTS", launch.javaOptions());
        ServerProcess server = new ServerProcess(builder.redirectError(
                        ProcessBuilder.Redirect.appendTo(program.log().toFile()))
                .start());
        Thread.ofVirtual().start(server::readFirstLine);
        return server;
    }

    private void readFirstLine() {
        try {
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String read = out.readLine();
            firstLine.complete(read == null ? "" : read);
        } catch (IOException e) {
            firstLine.completeExceptionally(e);
        }
    }

    @Override
    public CompletableFuture<String> firstLine() {
        return firstLine;
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void kill9() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public boolean terminate() throws InterruptedException {
        process.destroy();
        boolean ended = process.waitFor(END.toSeconds(), TimeUnit.SECONDS);
        if (!ended) {
            kill9();
        }
        return ended;
    }

    @Override
    public void pause() throws IOException, InterruptedException {
        Tool.run("kill", "-STOP", Long.toString(process.pid()));
    }

    @Override
    public void resume() throws IOException, InterruptedException {
        Tool.run("kill", "-CONT", Long.toString(process.pid()));
    }

    @Override
    public void limitFileSize(String bytes) throws IOException, InterruptedException {
        Tool.limitFileSize(process.pid(), bytes);
    }
}
