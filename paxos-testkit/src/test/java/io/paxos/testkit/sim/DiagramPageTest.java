package io.paxos.testkit.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.paxos.testkit.sim.rules.InvariantViolation;
import io.paxos.testkit.trace.Causality;
import io.paxos.testkit.trace.Kind;
import io.paxos.testkit.trace.MessageText;
import io.paxos.testkit.trace.Recorder;
import io.paxos.testkit.trace.SpaceTime;
import io.paxos.testkit.trace.SpaceTimeHtml;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Diagrams in a real browser: they are drawn, without an error, and mean what the model means. */
class DiagramPageTest {
    private static final long MS = Setup.MILLISECOND;

    @TempDir
    private Path directory;

    private Browser browser;

    @BeforeEach
    void a_browser() {
        Browser.require();
        browser = new Browser(directory);
    }

    @Test
    void a_small_run_is_drawn() throws Exception {
        final SpaceTime run = Diagrams.of(Setup.of(3), cluster -> cluster.runFor(13 * MS));
        final List<Browser.Opened> pages = openAll(run, "", "#heartbeats=1");
        assertThat(pages.get(0).reported("shown"))
                .as("heartbeats are hidden")
                .isNotEqualTo("" + run.events().size());
        assertThat(pages.get(1).reported("shown")).isEqualTo("" + run.events().size());
    }

    @Test
    void a_run_of_2000_events_is_drawn_and_its_light_cones_are_those_of_the_model() throws Exception {
        final SpaceTime run = LongStream.rangeClosed(1, 100)
                .mapToObj(Diagrams::ofSeed)
                .filter(candidate ->
                        candidate.events().size() >= 2_000 && candidate.events().size() < 3_000)
                .findFirst()
                .orElseThrow();
        final Causality causality = new Causality(run);
        final int[] events = IntStream.of(17, 1_000, run.events().size() - 5)
                .map(place -> firstOfMember(run, place))
                .toArray();
        final List<Browser.Opened> pages = openAll(
                run, IntStream.of(events).mapToObj(event -> "#event=" + event).toArray(String[]::new));
        for (int i = 0; i < events.length; i++) {
            assertThat(pages.get(i).reported("selected")).isEqualTo("" + events[i]);
            assertThat(pages.get(i).reported("cone")).isEqualTo(cone(causality, events[i]));
        }
    }

    /** What is done from outside has no causes. */
    private static int firstOfMember(final SpaceTime run, final int place) {
        int event = place;
        while (run.events().get(event).process() == 0) {
            event++;
        }
        return event;
    }

    @Test
    void a_partition_with_a_crash_is_drawn() throws Exception {
        final SpaceTime run = DiagramsTest.partitionAndCrash();
        final Browser.Opened page = open(run, "#event=200&fit=1&legend=1&search=slot:2");
        assertThat(page.reported("cone")).isEqualTo(cone(new Causality(run), 200));
    }

    @Test
    void the_pointer_and_the_keys_do_what_the_legend_says() throws Exception {
        final Browser.Opened opened = openWith("pointer-and-keys.js", DiagramsTest.partitionAndCrash(), "")
                .get(0);
        assertThat(opened.reported("used")).isEqualTo("yes");
    }

    @Test
    void no_two_labels_overlap() throws Exception {
        final String[] hashes = {"", "#event=200", "#heartbeats=1&event=400"};
        for (final Browser.Opened opened : openWith("label-boxes.js", DiagramsTest.partitionAndCrash(), hashes)) {
            assertThat(opened.reported("overlaps")).as(opened.body()).isEqualTo("none");
            assertThat(Integer.parseInt(opened.reported("labels"))).isGreaterThan(40);
        }
    }

    @Test
    void a_message_that_is_in_no_group_is_drawn_as_one_of_the_others_and_can_be_hidden() throws Exception {
        final Recorder recorder = new Recorder().process(1, "a").process(2, "b");
        final MessageText added = new MessageText("addedYesterday", 0, 4, 0, Map.of("x", "y"));
        recorder.received(recorder.sent(1, 5, 2, added), 9);
        final Browser.Opened opened =
                openWith("message-in-no-group.js", recorder.spaceTime(), "").get(0);
        assertThat(opened.reported("choices")).isEqualTo("addedYesterday");
        assertThat(opened.reported("found")).isEqualTo("1");
        assertThat(opened.reported("drawn")).isEqualTo("1");
        assertThat(opened.reported("drawn-when-hidden")).isEqualTo("0");
    }

    @Test
    void a_violation_is_drawn() throws Exception {
        open(
                Diagrams.of(Setup.of(3), cluster -> {
                    cluster.runFor(30 * MS);
                    throw new InvariantViolation("a rule", "this", "that", null);
                }),
                "");
    }

    @Test
    void texts_are_shown_and_not_run() throws Exception {
        final String nasty =
                "</script><script>document.body.dataset.status = 'broken'</script><img src=x onerror=1> \u2028 \ud800";
        final Recorder recorder = new Recorder().title(nasty).about(nasty).process(1, nasty);
        recorder.happened(1, 0, Kind.CLIENT, 0, 0, 0, nasty, Map.of(nasty, nasty));
        recorder.violated(nasty, nasty, nasty);
        open(recorder.spaceTime(), "#event=0");
    }

    @Test
    void a_run_without_events_is_drawn() throws Exception {
        open(new Recorder().spaceTime(), "");
    }

    /** Opens a page on which a script of this test runs after the page's own, once with each of these hashes. */
    private List<Browser.Opened> openWith(final String name, final SpaceTime run, final String... hashes)
            throws Exception {
        final String script;
        try (InputStream stream = DiagramPageTest.class.getResourceAsStream(name)) {
            script = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        final Path file = directory.resolve("used.html");
        Files.writeString(file, SpaceTimeHtml.text(run).replace("</body>", "<script>" + script + "</script></body>"));
        final List<Browser.Opened> pages = browser.openAll(file, List.of(hashes));
        assertThat(pages).allSatisfy(page -> assertThat(page.reported("errors")).isEmpty());
        return pages;
    }

    private Browser.Opened open(final SpaceTime run, final String hash) throws Exception {
        return openAll(run, hash).get(0);
    }

    private List<Browser.Opened> openAll(final SpaceTime run, final String... hashes) throws Exception {
        final Path file = SpaceTimeHtml.write(directory.resolve("run.html"), run);
        final List<Browser.Opened> pages = browser.openAll(file, List.of(hashes));
        for (final Browser.Opened page : pages) {
            assertThat(page.reported("errors")).as("errors of %s", page.body()).isEmpty();
            assertThat(page.reported("status")).isEqualTo("drawn");
            assertThat(page.reported("events")).isEqualTo("" + run.events().size());
            assertThat(page.reported("messages")).isEqualTo("" + run.messages().size());
        }
        return pages;
    }

    private static String cone(final Causality causality, final int event) {
        return causality.cone(event).stream().mapToObj(Integer::toString).collect(Collectors.joining(","));
    }
}
