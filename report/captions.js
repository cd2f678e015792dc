// Added to the end of Snakemake's report by multipress.workflow.report_file: a figure has its caption below it, a page of tables
// has its own above it, to be opened; Snakemake shows both in a menu alone. On a phone a tap enlarges a figure.
(function () {
  document.title = "multipress";
  const rendered = ContentDisplay.prototype.renderContent;

  function caption(entry) {
    return e("div", { className: "prose prose-sm caption", dangerouslySetInnerHTML: { __html: entry.caption } });
  }

  ContentDisplay.prototype.renderContent = function () {
    const content = rendered.call(this);
    const state = this.props.app.state;
    const entry = results[state.resultPath];
    if (!entry || !entry.caption) {
      return content;
    }
    if (state.content === "img") {
      return e("div", { className: "captioned" }, content, caption(entry));
    }
    if (state.content === "html") {
      const words = e("details", { className: "columns" }, e("summary", {}, "What the columns say"), caption(entry));
      return e("div", { className: "captioned" }, words, content);
    }
    return content;
  };
  document.addEventListener("click", function (event) {
    if (event.target.tagName === "IMG") {
      event.target.classList.toggle("large");  // which means something on a phone alone
    }
  });
})();
